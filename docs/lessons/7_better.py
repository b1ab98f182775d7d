# %% [markdown]
# # Lesson 7: is it really better?
#
# Two taggers, two numbers, and one number is larger. Does this mean that one tagger is better? Many
# papers stop here. You will not.
#
# **You learn**
#
# * two different errors of every result: of the test jets, and of the training;
# * to compare on the *same* jets, which makes the error of a difference much smaller;
# * what a p-value says, and what happens to it if you compare many pairs;
# * whether a score of 0.8 means "quark in 80 % of the cases".
#
# **You need** lesson 4: score, AUC. The lesson uses the workflow's run `demo`, with two taggers and
# two trainings of each. If you have not run it, the lesson does so first: some minutes on two
# processor cores. Otherwise it takes less than a minute.

# %%
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm

import jetline
from jetline.evaluation.bootstrap import central_interval
from jetline.evaluation.calibration import calibrations
from jetline.evaluation.differences import holm
from jetline.evaluation.figures_of_merit.auc import area_under_curve
from jetline.evaluation.metrics import evaluate
from jetline.evaluation.scored_jets import ScoredJets
from jetline.evaluation.shared_jets import read_shared
from jetline.records.comparison import ComparisonRecord
from jetline.report.calibration_plot import reliability_diagrams
from jetline.report.style import styles

# %% tags=["parameters"]
results = "results/runs/demo"  # a run of two classes
resamples = 1000
studies = 2000  # in the game of section 4

# %%
checkout = Path(jetline.__file__).parents[2]
run = checkout / results
if not (run / "comparison/comparison.json").is_file():
    print("the workflow runs; its progress is told where you started Jupyter", flush=True)
    subprocess.run([sys.executable, "-m", "snakemake", "--cores", "2"], cwd=checkout, check=True)

comparison = ComparisonRecord.read(run / "comparison/comparison.json")
dataset = comparison.datasets[0]
jets = read_shared(
    dataset,
    trainings=sorted(run.glob("trainings/*/seed-*")),
    predictions=sorted(run.glob(f"predictions/*/seed-*/{dataset}.npz")),
    validations=sorted(run.glob("predictions/*/seed-*/validation/scores.npz")),
)
labels = jets.labels
print(f"{len(labels)} test jets, the same for all taggers")
for tagger in jets.taggers:
    print(f"{tagger.label}: trained {len(tagger.seeds)} times")


# %%
def auc(scores, rows=slice(None)):
    """Give the area under the ROC curve, of some of the test jets."""
    return area_under_curve(ScoredJets.of(labels[rows], scores[rows]))[0]


for tagger in jets.taggers:
    print(tagger.label, [f"{auc(of_seed):.4f}" for of_seed in tagger.scores])

# %% [markdown]
# ## 1. The error of the test jets
#
# Other test jets would give another AUC. How different? We would like to test on many other
# samples, but we have only one. The *bootstrap* makes new samples of the one: draw as many jets as
# there are, at random, *with replacement*, so that some come twice and others not at all. Compute
# the AUC. Do this 1,000 times. How much these AUCs scatter is, nearly, how much the AUC would
# scatter with truly new jets.

# %%
first, second = jets.taggers[:2]
numbers = np.random.default_rng(1)
drawn = [numbers.integers(len(labels), size=len(labels)) for _ in range(resamples)]
replicas = {
    tagger.label: np.array([auc(tagger.scores[0], rows) for rows in drawn])
    for tagger in (first, second)
}
look = styles([first.label, second.label])

figure, axes = plt.subplots(figsize=(6, 3.6))
for label, of_tagger in replicas.items():
    low, high = central_interval(of_tagger)
    axes.hist(of_tagger, bins=30, histtype="step", lw=1.6, label=label, **look[label])
    axes.axvspan(low, high, alpha=0.12, color=look[label]["color"])
    print(f"{label}: 68 % of the AUCs lie between {low:.4f} and {high:.4f}")
axes.set(xlabel="AUC on resampled test jets", ylabel="number of resamples")
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# Half of the width of such an interval is the error of the test sample. `evaluate` does the same
# for all figures of merit, faster:

# %%
for tagger in (first, second):
    estimate = evaluate(labels, tagger.scores[0], 1, dataset, resamples).estimates["auc"]
    print(f"{tagger.label}: AUC {estimate.value:.4f} ± {estimate.error:.4f}")

# %% [markdown]
# The error falls with the square root of the number of jets. To halve it you need four times as
# many test jets.
#
# ## 2. The error of the training
#
# Train again with another seed: other first weights, another order of the jets. The test jets are
# the same, but the AUC is another. This has nothing to do with the test jets, so the bootstrap
# cannot know of it. You see it in the two numbers in each line above.
#
# If you report the best of five seeds, you report luck. Report the mean, and the spread.

# %%
for row in comparison.rows_of(dataset):
    summary = row.figures["auc"]
    print(
        f"{row.label}: AUC {summary.value:.4f} ± {summary.sample_error:.4f} (test jets) "
        f"± {summary.seed_spread:.4f} (between seeds)"
    )

# %% [markdown]
# ## 3. The difference of two taggers
#
# Let each AUC have an error e. If the errors were independent, the difference would have the error
# sqrt(2) e. But both taggers look at the *same* jets. If the sample has many difficult jets, both
# do worse. Look at both AUCs in each resample:

# %%
one, other = replicas.values()

figure, axes = plt.subplots(figsize=(4.6, 4.2))
axes.plot(one, other, "o", ms=2.5, alpha=0.4, color="#0072B2")
axes.set(xlabel=f"AUC of {first.label}", ylabel=f"AUC of {second.label}")
plt.show()

print(f"correlation: {np.corrcoef(one, other)[0, 1]:.2f}")
print(f"error of the difference if independent: {np.hypot(one.std(), other.std()):.4f}")
print(f"error of the difference, paired:        {(one - other).std():.4f}")

# %% [markdown]
# Subtract *within* each resample, and what both have in common falls out. This is a *paired*
# comparison. Never compare two taggers on different test jets if you can avoid it.
#
# ## 4. Could it be chance?
#
# The *p-value* answers one question: if both taggers were equally good, how often would chance
# alone give a difference at least as large as this one? A small p makes chance hard to believe. By
# habit, p < 0.05 is called *significant*. The workflow computes it with both errors:

# %%
for pair in comparison.pairs_of(dataset, "auc"):
    print(pair.statement)

# %% [markdown]
# Look at the first line. If the run is the demo as it comes, the PFN is ahead by 0.046, and both
# errors together are 0.007. That is nearly seven errors. For a single measurement with a known
# error this would be p = 0.00000000001. Why is p only 0.04 here? Because nobody knows the errors
# between trainings: each was found from *two* trainings. Two numbers can lie close together by
# luck, and then the error looks far too small. (The two trainings of the CNN differ by 0.0006,
# those of the PFN by 0.005. Is the CNN really so much steadier?) p takes this doubt into account.
# With five seeds of each the same difference would leave no doubt.
#
# p is **not** the probability that the taggers are equally good. And a large p does not prove that
# they are equal: perhaps the test sample is only too small to tell.
#
# ### Many pairs
#
# With ten taggers there are 45 pairs. If all are equally good, how often is *at least one* pair
# significant? Let us play: ten taggers with the same true AUC, each measured with the same error.

# %%
taggers, error = 10, 0.005
measured = numbers.normal(0.85, error, size=(studies, taggers))
pairs = [(i, j) for i in range(taggers) for j in range(i)]
distance = np.array([[abs(study[i] - study[j]) for i, j in pairs] for study in measured])

p_values = 2 * norm.sf(distance / (np.sqrt(2) * error))
plain = (p_values.min(axis=1) < 0.05).mean()
corrected = np.mean([min(holm(of_study)) < 0.05 for of_study in p_values])
print(f"at least one of {len(pairs)} pairs is significant: in {plain:.0%} of the studies")
print(f"after Holm's correction:                  in {corrected:.0%}")

# %% [markdown]
# Who compares many taggers finds a "better" one more often than not, where there is none. Holm's
# correction multiplies the smallest p by the number of pairs, the next one by one less, and so on.
# Then a false discovery is as rare as promised. The workflow's report gives both.
#
# ## 5. Does the score mean what it says?
#
# A weather forecast says "70 % rain". If it rains on 70 % of such days, the forecast is
# *calibrated*. In the same way: of all jets with a score near 0.7, are 70 % quark jets? The AUC
# does not know. It only asks for the order of the jets, so a score and its square have the same
# AUC.

# %%
judged = [calibrations(labels, tagger, dataset, seed=1) for tagger in jets.taggers]
reliability_diagrams(
    [mean for _, mean in judged], styles([tagger.label for tagger in jets.taggers])
)

# %% [markdown]
# On the diagonal the score means what it says. If the points are flatter than the diagonal, the
# tagger is *too sure*: of the jets with a score of 0.9 fewer than 90 % are quark jets. Networks are
# often too sure when they have seen few jets many times. These two are not: nearly all points touch
# the diagonal within their errors. Those of the PFN are a little steeper than it, if anything. It
# could be surer than it is.
#
# A simple cure has one number, the *temperature* T. Write the score as s = 1 / (1 + exp(-x)), and
# divide x by T. T > 1 makes it less sure, T < 1 surer. T is found on the validation jets, since the
# training jets would flatter it and the test jets must not decide. The order of the jets stays, and
# so does the AUC.

# %%
for tagger, (of_seeds, _) in zip(jets.taggers, judged, strict=True):
    for one in of_seeds:
        told = f"{tagger.label}, seed {one.seed}: calibration error {one.before.corrected:.3f}"
        if one.temperature and one.after:
            temperature = f"T = {one.temperature.value:.2f} ± {one.temperature.error:.2f}"
            told += f", {one.after.corrected:.3f} after {temperature}"
        print(f"{told}, each ± {one.before.error:.3f}")

# %% [markdown]
# The temperatures of the PFN are some two of their errors below 1, those of the CNN are 1 within
# theirs. All calibration errors are 0 within about one and a half of theirs. There was little to
# cure, and the cure has changed little.
#
# The calibration error is the mean of |share of quark jets - score| over the jets. Chance alone
# makes it positive, so this bias is subtracted; then it may also come out slightly negative.
# `docs/statistics.md` tells how well all these errors hold.
#
# ## Exercises
#
# 1. **Fewer jets.** Take only every fourth test jet. How do the errors change: of an AUC, and of
#    the paired difference? *Hint: draw from `np.arange(0, len(labels), 4)` in the bootstrap.*
# 2. **How many jets?** Two taggers differ by 0.002 in AUC. How many test jets do you need so that
#    this is twice the paired error? *Hint: the error falls as 1 / sqrt(n), and you know it for this
#    n.*
# 3. **An ensemble.** Take the mean of both seeds' scores, `tagger.ensemble`. Is its AUC larger than
#    that of either seed? Test it, paired. *Hint: `auc(tagger.ensemble, rows)` in each resample.*
# 4. **Square it.** Take `first.scores[0] ** 2` as a score. Compute its AUC, and draw its
#    reliability diagram. *Hint: `dataclasses.replace(first, scores=first.scores**2, validated=[])`,
#    then `calibrations`.*
# 5. **The game.** Play the game of section 4 with 3 taggers instead of 10, and with 20. Can you
#    predict the share of false discoveries from 1 - 0.95^n, n the number of pairs? *Hint: are the
#    pairs independent?*
