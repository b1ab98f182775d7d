"""stub"""


def schedule_of(recipe, rate, steps):
    return rate


def plateau_rate(*a):
    return a[1]
