"""Rejection of all other classes at an efficiency of 30 %, the mean over classes."""

from jetline.evaluation.figures_of_merit.macro import macro_rejection

MACRO_REJECTION_30 = macro_rejection(0.3, place=8)
