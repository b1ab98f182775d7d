# %% [markdown]
# # Lesson 8: what did it learn?
#
# A network tells quark jets from gluon jets. How? It has 82,558 weights, and nobody has written a
# rule into them. One would like to ask it: *why do you call this a gluon jet?* There are methods
# that answer. Some of their answers are beautiful and wrong. In this lesson you ask, and you test
# the answers.
#
# **You learn**
#
# * to share a decision out among the particles of a jet, so that nothing is left over;
# * two tests that an explanation has to pass, and a second method to hold it against;
# * to see what a network looks at: the filters of an Energy Flow Network;
# * to ask in the words of physicists: which observables does it use?
# * what an explanation does *not* prove.
#
# **You need** lessons 2, 6 and 7. The lesson trains three small networks, about three minutes on
# two processor cores.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import jetline
from jetline.core.classes import QUARK_GLUON, count_by_class
from jetline.evaluation.metrics import evaluate
from jetline.explanation.clouds import Cloud, explain_clouds
from jetline.explanation.filters import LogPolar, filters_of, measure_filters, sum_up
from jetline.explanation.integrated import baselines_of_other_classes, class_weights
from jetline.explanation.job import drawn_jets
from jetline.explanation.particle_networks import explain_particle_network
from jetline.explanation.randomised import compare_jets, rank_correlation
from jetline.explanation.settings import Explain
from jetline.explanation.surrogates import correlations_with, decisions_of, surrogates_of
from jetline.inputs.kinds.observables import COLUMNS
from jetline.jets.reading import read_jets
from jetline.models import read_settings
from jetline.observables.table import measure_jets
from jetline.records.explanation import ExplanationRecord
from jetline.report.explained_taggers import ExplainedLabel
from jetline.report.explanation_plots import group_sums, single_jets
from jetline.training.gradients import Decisions
from jetline.training.small_sample import read_sample, scores, train

# %% tags=["parameters"]
epochs = 12
jets_each = 5000  # of each of the four files, at most
explained = 100  # jets of each class
steps = 32

# %% [markdown]
# ## 1. What we explain
#
# The Particle Flow Network of lesson 6, trained twice with different seeds, on two files. We
# explain its decisions on test jets: training jets it may know by heart.

# %%
checkout = Path(jetline.__file__).parents[2]
scratch = tempfile.TemporaryDirectory()
files = sorted((checkout / "resources/sample").glob("*.npz"))
sample = read_sample(
    "particles",
    training=files[:2],
    validation=files[2:3],
    test=files[3:],
    folder=Path(scratch.name),
    at_most=jets_each,
)
labels = sample.test.labels
pfn = read_settings("pfn", {"epochs": epochs, "batch_size": 250, "identity": "full"})


def train_and_test(name, network, seed):
    """Train a network, and tell its AUC on the test jets."""
    print(f"--- {name}")
    trained = train(network, sample, seed)
    quark = scores(network, trained, sample.test)[:, 1]
    auc = evaluate(labels, quark, seed=1, dataset="lesson").estimates["auc"]
    print(f"{name}: AUC {auc.value:.3f} ± {auc.error:.3f} (test jets)")
    return trained


trainings = [train_and_test(f"PFN, seed {seed}", pfn, seed) for seed in (1, 2)]

# %% [markdown]
# ## 2. Share a decision out
#
# The output of the network is a probability. Where it is nearly sure, 0.999 or so, hardly anything
# changes it, and so nothing seems to matter. So we take the number that the softmax makes the
# probability of: the *logit*. The **decision** of the network is
#
# $$ D = \text{logit of the jet's own class} - \text{logit of the other class}. $$
#
# D = 0 is undecided, D = 2 is a probability of 0.88.
#
# Which particle is how much of D? A first idea is the gradient: how much does D change if this
# particle changes a little? But it tells about tiny changes only. And "how much" needs a
# comparison: *more than what?* We compare the jet with a **baseline**, another jet, and walk from
# it to ours in small steps along a straight line. At each step we take the gradient times the step,
# and add up. This is called *integrated gradients*:
#
# $$ \text{added by } x_i = (x_i - b_i) \int_0^1 \frac{\partial D}{\partial x_i}
# \big(b + t\,(x - b)\big)\,\mathrm dt. $$
#
# Nothing is left over: what all features add is exactly D(jet) - D(baseline). This is
# *completeness*, and we can check it.
#
# Which baseline? Many take zeros. But a jet of zeros is nothing that the network has ever seen, and
# what it says of it means nothing. We take a jet of the *other class*. Then the question is: what
# makes this jet unlike those? The hardest particle is paired with the hardest one, the second with
# the second. If one jet has more particles than the other, the rest come or go one by one.

# %%
chosen = drawn_jets(sample.test, QUARK_GLUON, explained, seed=1)
kinds = chosen.labels.astype(int)
jets, baselines = baselines_of_other_classes(kinds, 1, np.random.default_rng(1))
weights = class_weights(kinds[jets], kinds[baselines], len(QUARK_GLUON))
clouds = Cloud.of(chosen, jets, pfn.view), Cloud.of(chosen, baselines, pfn.view)
decisions = [Decisions(trained.model) for trained in trainings]


def share_out(of_network, steps=steps):
    """Share the decisions on all chosen jets out, each against one baseline."""
    return explain_clouds(of_network, pfn.view, *clouds, weights, steps)


rows = {}
for number in (1, 2, 4, 8, steps):
    found = share_out(decisions[0], number)
    error = found.totals(*clouds) - found.differences
    rows[number] = {
        "difference of D, the first jet": found.differences[0],
        "sum of what was added": found.totals(*clouds)[0],
        "error over all jets, of the differences": f"{error.std() / found.differences.std():.1%}",
    }
pd.DataFrame(rows).T.rename_axis("steps")

# %% [markdown]
# With few steps something is left over, with many hardly anything. Now look at single jets, each
# compared with four others and averaged. The area of a particle is its momentum. Blue speaks for
# the jet's own class, red against it.

# %%
settings = Explain(jets=explained, baselines=4, steps=steps)
results = [
    explain_particle_network(of_seed, pfn.view, chosen, QUARK_GLUON, settings, seed=1)
    for of_seed in decisions
]
records = [
    ExplanationRecord(
        label="PFN",
        seed=seed,
        dataset="lesson",
        inputs="particles",
        architecture="pfn",
        classes=QUARK_GLUON,
        jets=count_by_class(kinds, QUARK_GLUON),
        baselines=settings.baselines,
        steps=settings.steps,
        completeness=result.completeness,
        check=result.check,
        sums=result.sums,
    )
    for seed, result in enumerate(results, start=1)
]
told = ExplainedLabel(records, results[0].arrays)
single_jets(told)

# %% [markdown]
# Single jets are pretty, and treacherous: everybody sees a story in them. Believe means over many
# jets, with errors.
#
# ## 3. The mean over jets
#
# We sum over groups of particles: by species, by the share z of the momentum, by the distance from
# the axis. Errors contain the jets and both trainings. The lower row is another method: leave the
# group out of the jet, and see how much of the decision is lost.

# %%
group_sums(told)

# %%
for kind in told.classes:
    share = told.presence(kind)
    print(f"{kind} jets: {share.value:.0%} ± {share.error:.0%} is that particles are there or not")

# %% [markdown]
# Above 0 speaks for the jet's own class, whichever it is. What you see in the upper row:
#
# * **Gluon jets** are known by particles that stand 0.02 to 0.1 away from the axis, and by many
#   soft ones. A gluon has a larger colour charge than a quark, so it radiates about twice as much.
# * **Quark jets** are known by one particle that keeps more than a fifth of the momentum, and by
#   what lies within 0.01 of the axis.
# * About half of all is only that particles are *there*, or are not. The network counts, among
#   other things.
#
# Now the lower row. For gluon jets it says the same. For quark jets it has the *opposite sign*:
# almost whatever you leave out, the jet looks more like a quark jet. Is one of the methods wrong?
# No. They ask different questions. A jet of which something was left out has fewer particles, and
# few particles mean quark. Integrated gradients ask what makes this jet unlike a gluon jet. Leaving
# out asks what the network says about a jet with a hole.
#
# ## 4. Two tests
#
# A picture that looks right proves nothing. Would the method give the same picture for a network
# that knows *nothing*? We shuffle all weights of the network at random. What it has learnt is gone.
# An explanation that stays the same was never about what was learnt. We compare the order of the
# particles by how much they add (rank correlation: 1 is the same order, 0 is chance).
#
# The second test is ours: the *other seed*. Both networks are equally good. Do they give the same
# reasons?


# %%
def by_jet(found):
    """Give what the particles of each jet add, a list of arrays."""
    own = found.features.sum(axis=1) + found.presence
    return np.split(own, np.cumsum(clouds[0].counts)[:-1])


first, second = (by_jet(share_out(of_seed)) for of_seed in decisions)
with decisions[0].shuffled(np.random.default_rng(1)):
    of_nothing = share_out(decisions[0])
shuffled = by_jet(of_nothing)
error = of_nothing.totals(*clouds) - of_nothing.differences
print(f"with shuffled weights {error.std() / of_nothing.differences.std():.1%} are left over")

rows = {}
for name, other in (("the other seed", second), ("shuffled weights", shuffled)):
    sizes, signed = (np.nanmedian(one) for one in compare_jets(first, other))
    rows[name] = {"sizes alone": f"{sizes:.2f}", "with signs": f"{signed:.2f}"}
pd.DataFrame(rows).T.rename_axis("rank correlation with the first training")

# %%
for record in records:
    check = record.check
    told_of = "says little of what was learnt" if check.survives else "passes"
    print(f"seed {record.seed}: sizes {check.magnitudes:.2f}, signs {check.signed:.2f}: {told_of}")

# %% [markdown]
# The explanation passes: with shuffled weights it is gone. (With signs the number jumps from
# shuffle to shuffle, because a random network has a random preference for more or for fewer
# particles. So the second cell takes the mean over three shuffles.)
#
# Two more things are worth a thought. *Completeness is arithmetic*: with enough steps it holds for
# any network, also for the shuffled one that knows nothing (the first line). It is no proof that an
# explanation is right. And the other seed, as good a tagger, orders the particles in a similar way,
# but not in the same. An explanation is one of *this* network, not of the jets.
#
# ## 5. What a safe network looks at
#
# In an Energy Flow Network each of the 256 functions Φ depends on the direction of a particle
# alone. So it can be drawn: it is a *filter*, a region of the jet that the network sums the
# momentum of, as a pixel does. But the network has chosen these pixels by itself.

# %%
efn = read_settings("efn", {"epochs": epochs, "batch_size": 250})
safe = train_and_test("EFN", efn, seed=1)

plane = LogPolar(radius=0.4)
filters = filters_of(safe.model, plane)
active = filters[filters.max(axis=(1, 2)) > 0]
print(f"{len(active)} of {len(filters)} filters see anything")

# In order of their mean distance from the axis, and from all these eight.
amounts = active * plane.areas
mean_distance = (amounts * plane.distances[:, None]).sum(axis=(1, 2)) / amounts.sum(axis=(1, 2))
ordered = active[np.argsort(mean_distance)]
eight = ordered[np.linspace(0, len(ordered) - 1, 8).astype(int)]

around = np.append(plane.angles, plane.angles[:1])  # once around
rapidity, azimuth = (plane.distances[:, None] * of(around) for of in (np.cos, np.sin))
figure, grid = plt.subplots(2, 4, figsize=(10, 5), layout="constrained", sharex=True, sharey=True)
for axes, one in zip(grid.flat, eight, strict=True):
    closed = np.concatenate([one, one[:, :1]], axis=1)
    drawn = axes.pcolormesh(
        rapidity, azimuth, closed / closed.max(), cmap="Blues", vmin=0, vmax=1, shading="gouraud"
    )
    axes.contour(rapidity, azimuth, closed / closed.max(), levels=[0.5], colors="0.3")
    axes.set_aspect("equal")
figure.colorbar(drawn, ax=grid, label="filter, of its maximum")
figure.supxlabel("rapidity from the axis", fontsize="medium")
figure.supylabel("azimuth from the axis [rad]", fontsize="medium")
plt.show()

# %%
summary = sum_up(filters, *measure_filters(filters, plane))
print(f"{summary.placed} of {summary.active} filters have a place away from axis and edge")

# %% [markdown]
# From one filter to the next they look farther out. Each sums the momentum in its region, and
# together they measure how the momentum is spread. After a million jets the filters of the paper
# (arXiv:1810.05165) are small and sharp near the axis, and wider farther out, as if the network had
# learnt that radiation is spread evenly over the *logarithm* of the angle, which is what the theory
# of the strong force says. With 10,000 jets ours are broad, and nearly all reach the axis or the
# edge. We cannot claim the same.
#
# ## 6. In the words of physicists
#
# Particles are many, and physicists have names for what they do together: multiplicity, mass,
# girth. How close is the network's decision to each of these? And how much of it can be
# *reproduced* from all of them together? We fit boosted trees on observables to the decision, on
# one half of the test jets, and ask them about the other half.

# %%
constituents = read_jets(files[3]).constituents[:jets_each]
table = np.stack(list(measure_jets(constituents, COLUMNS).values()), axis=1)
decided = [decisions_of(scores(pfn, trained, sample.test)) for trained in trainings]
correlations = {
    f"seed {seed}": {
        one.observable: one.value for one in correlations_with(of_seed, table, COLUMNS, QUARK_GLUON)
    }
    for seed, of_seed in enumerate(decided, start=1)
}
correlated = pd.DataFrame(correlations).sort_values("seed 1", key=abs)

figure, axes = plt.subplots(figsize=(6, 4.2))
for seed, marker, colour in (("seed 1", "o", "#0072B2"), ("seed 2", "s", "#D55E00")):
    axes.plot(correlated[seed], correlated.index, marker, color=colour, ms=5, label=seed)
axes.axvline(0, color="0.5", lw=0.8)
axes.set(xlabel="rank correlation with the decision for quark", ylabel="observable")
axes.legend(frameon=False)
plt.show()

for seed, of_seed in enumerate(decided, start=1):
    (one,) = surrogates_of(of_seed, table, QUARK_GLUON, seed=1)
    print(
        f"seed {seed}: trees on observables reproduce {one.explained:.0%} of the variance, and "
        f"decide alike on {one.agreement:.0%} of the jets"
    )
alike = rank_correlation(table[:, COLUMNS.index("n95")], table[:, COLUMNS.index("multiplicity")])
print(f"n95 and multiplicity: rank correlation {alike:.2f}")

# %% [markdown]
# The decision follows the number of particles closely, and just as closely `n95`, the number of
# those that carry 95 % of the momentum. Which one does the network use? This cannot be told: they
# are nearly the same thing. Nine tenths of the variance of the decisions come from what physicists
# have named; on a tenth of the jets network and trees decide otherwise.
#
# ## 7. What an explanation does not prove
#
# * **That nature is so.** The network has learnt from a simulation. What the simulation gets wrong,
#   the network has learnt too, and the explanation shows it as a reason.
# * **That a feature is needed.** Half of this network's decisions are counting. The EFN cannot
#   count at all, and is no bad tagger. Features stand in for each other.
# * **That one of several correlated things is the cause.** See `n95` and multiplicity.
# * **That the method is right.** Two methods gave opposite signs for quark jets. The answer depends
#   on the question: on the baseline, on what is left out. Say which question you asked.
# * **Anything, from one jet.** You can find a jet for every story.
#
# What it does prove is modest and useful: what *this* network is sensitive to. The pixel of lesson
# 3 would have been found in a minute (exercise 2). Mistakes of this kind, in the data, are the best
# reason to explain a network.
#
# The workflow does all this for every training: `docs/explanation.md`.
#
# ## Exercises
#
# 1. **Another baseline.** Draw other baselines, `np.random.default_rng(2)`, and share the decisions
#    out anew. How alike are both explanations of the first network? And if each is the mean over
#    ten baselines? *Hint: `compare_jets`. A mean over baselines: call `baselines_of_other_classes`
#    ten times, and average what `by_jet` gives.*
# 2. **The course's pixel.** Train the CNN of lesson 4 on `images/notebook`, and share its decisions
#    out among pixels. Which pixel adds most? *Hint: `explain_images` of
#    `jetline.explanation.pixels` takes `{"images": ...}`, which
#    `array_rows(sample.test, rows, "images")` of `jetline.inputs.sample` gives; then the mean of
#    `.pixels` over the jets.*
# 3. **A safe network's reasons.** Explain the EFN as in section 3. How much is it to be there or
#    not? Which z does it use? *Hint: `Decisions(safe.model)`, `efn.view`. A particle counts with
#    z.*
# 4. **One number.** How much of the decision do trees reproduce from the number of particles alone?
#    And from all but those that count? *Hint: give `surrogates_of` some columns of the table;
#    `COLUMNS` has their names. Take out `n95`, `sd_multiplicity` and `ptd` too.*
# 5. **Without species.** Train the PFN with `"identity": "none"`. Does it count more or less?
#    *Hint: `told.presence`; compare with its error.*
