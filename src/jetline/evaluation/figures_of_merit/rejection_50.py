"""Background rejection at a quark efficiency of 50 %."""

from jetline.evaluation.figures_of_merit.rejection import rejection

REJECTION_50 = rejection(0.5, place=3)
