"""Rejection of all other classes at an efficiency of 50 %, the mean over classes."""

from jetline.evaluation.figures_of_merit.macro import macro_rejection

MACRO_REJECTION_50 = macro_rejection(0.5, place=7)
