"""Background rejection at a quark efficiency of 30 %."""

from jetline.evaluation.figures_of_merit.rejection import rejection

REJECTION_30 = rejection(0.3, place=4)
