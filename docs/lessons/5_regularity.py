# %% [markdown]
# # Lesson 5: more from the same jets
#
# Jets are expensive: in an experiment the labelled ones come from long simulations. So what if you
# have only a few thousand? A network may learn them by heart, and two remedies are used everywhere:
# *augmentation* and *normalisation*. In this lesson you try both. One of them does nothing here,
# and you find out why. The other does much, and shows a danger.
#
# **You learn**
#
# * to see in a learning curve whether a network learns by heart;
# * how a symmetry of physics makes many jets of one, and when this is of no use;
# * what batch, layer and group normalisation are, and how one of them can fail.
#
# **You need** lessons 3, 4 and 7. The lesson trains nine small networks, about four minutes on two
# processor cores.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import jetline
from jetline.evaluation.metrics import evaluate
from jetline.inputs.augmentation import AUGMENTATION_STEPS
from jetline.inputs.augmenting import augmented_images
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.sample import array_rows
from jetline.models import read_settings
from jetline.records.history import History
from jetline.report.mean_images import axis_labels, colour_scale, colours
from jetline.report.plots import LearningCurve, learning_curves
from jetline.report.style import styles
from jetline.training.small_sample import read_sample, scores, train

# %% tags=["parameters"]
epochs = 20
epochs_of_normalisation = 5
jets_each = 2000  # of each of the four files

# %% [markdown]
# Only one file trains: 2,000 jets. One validates, and two test, so that the errors are small enough
# to see something. The pictures are those of the recipe `pt`: centred, with the momentum of each
# pixel.

# %%
checkout = Path(jetline.__file__).parents[2]
scratch = tempfile.TemporaryDirectory()
files = sorted((checkout / "resources/sample").glob("*.npz"))
sample = read_sample(
    "images/pt",
    training=files[:1],
    validation=files[1:2],
    test=files[2:],
    folder=Path(scratch.name),
    at_most=jets_each,
)
labels = sample.test.labels
histories, evaluated = {}, {}


def train_and_test(name, architecture, **settings):
    """Train a network, keep its history, and evaluate it on the test jets."""
    print(f"--- {name}")
    network = read_settings(architecture, {"inputs": "images/pt", "patience": 100, **settings})
    trained = train(network, sample, seed=1)
    histories[name] = History(trained.progress.history)
    quark = scores(network, trained, sample.test)[:, 1]
    evaluated[name] = evaluate(labels, quark, seed=1, dataset="lesson")


# %% [markdown]
# ## 1. Learning by heart
#
# First the network of lesson 4, without its dropout, so that nothing hinders it.

# %%
train_and_test("as it is", "cnn", epochs=epochs, dropout=0)


def curves(*names):
    """Draw the learning curves of some of the trainings, a panel for each."""
    shown = [LearningCurve(name, histories[name]) for name in names]
    return learning_curves(shown, styles(names))


curves("as it is")

# %% [markdown]
# A network that learns by heart shows it so: the training loss (dashed) goes on falling, while the
# validation loss (solid) falls at first and then *rises*, because what the network learns from
# there on is special to these 2,000 jets. This is called *overfitting*. Do you see it here?
#
# No. Both losses fall to the end. (The dashed line is even higher: it is the mean over an epoch, in
# which the network was still worse.) With 23,000 weights, small steps and 20 epochs this network
# has not learnt its jets by heart. Exercise 1 makes one that does.
#
# ## 2. Augmentation
#
# Turn a jet around its axis: is it still a quark jet, or a gluon jet? Yes. The radiation around the
# axis prefers no direction, nearly. Mirror it: again. So from one jet we can make many new ones,
# whose label we know. In training, each jet is turned and mirrored at random, anew in each epoch.
# The network never sees the same picture twice, so it cannot learn it by heart, and it learns the
# symmetry. But will it help a network that does *not* learn by heart? Write down what you expect.

# %%
SYMMETRY = [{"step": "rotate"}, {"step": "reflect"}]
SHIFT = [{"step": "translate", "pixels": 8}]


def changed(images, steps, seed):
    """Give images after steps of augmentation, as a training changes them."""
    built = tuple(AUGMENTATION_STEPS[step["step"]].model_validate(step) for step in steps)
    return augmented_images(built, images, RECIPES["pt"], np.random.default_rng(seed))


original = array_rows(sample.training, np.array([0]), "images")
turned = [changed(original, SYMMETRY, seed) for seed in range(3)]
pictures = [original, *turned, changed(original, SHIFT, 4)]
titles = ["one jet", "turned, mirrored", "turned, mirrored", "turned, mirrored", "shifted"]

recipe, scale = RECIPES["pt"], colour_scale(original, 4)
figure, row = plt.subplots(1, 5, figsize=(12, 2.9), layout="constrained", sharey=True)
for axes, picture, title in zip(row, pictures, titles, strict=True):
    drawn = axes.imshow(
        np.ma.masked_equal(picture[0, ..., 0].T, 0),
        origin="lower",
        extent=(*recipe.rapidity, *recipe.azimuth),
        norm=scale,
        cmap=colours(),
    )
    axes.set_title(title, fontsize=9)
figure.colorbar(drawn, ax=row, label="share of pT")
figure.supxlabel(axis_labels(recipe)[0], fontsize="medium")
figure.supylabel(axis_labels(recipe)[1], fontsize="small")
plt.show()

# %% [markdown]
# The last one is *shifted* by up to 8 pixels. Is a shift a symmetry? Nature does not care where a
# jet points. But these pictures are centred: in a test picture the axis is always in the middle. A
# shift makes jets that never occur, and hides where the axis is. What do you expect of this one?

# %%
for name, steps in (("turned, mirrored", SYMMETRY), ("shifted", SHIFT)):
    train_and_test(name, "cnn", epochs=epochs, dropout=0, training={"augmentation": steps})
curves("as it is", "turned, mirrored", "shifted")


# %%
def table(reference, *names):
    """Give the AUC of some of the trainings, and the paired difference to the first one."""
    place = list(evaluated[reference].estimates).index("auc")
    rows = {}
    for name in (reference, *names):
        auc = evaluated[name].estimates["auc"]
        difference = auc.value - evaluated[reference].estimates["auc"].value
        one, other = (evaluated[of].replicas[:, place] for of in (name, reference))
        rows[name] = {
            "AUC": f"{auc.value:.3f} ± {auc.error:.3f}",
            "best epoch": 1 + int(histories[name].column("validation_loss").argmin()),
            f"beyond '{reference}'": ""
            if name == reference
            else f"{difference:+.3f} ± {(one - other).std():.3f}",
        }
    return pd.DataFrame(rows).T


table("as it is", "turned, mirrored", "shifted")

# %% [markdown]
# Nothing. The AUC changes by +0.001 ± 0.001 if the jets are turned and mirrored, and by +0.001 ±
# 0.002 if they are shifted. (± is the paired error of the test jets.) The learning curves say why:
# where nothing is learnt by heart, there is nothing to cure. Even the wrong symmetry has done no
# harm, only the training *began* more slowly: see its first three epochs. That is a riddle. Perhaps
# what the network has learnt is how the momentum is spread, wherever the axis is.
#
# Is augmentation useless, then? No: exercise 1 makes a network that learns by heart, and there it
# keeps both losses together. The rule is: look at the learning curve first, and only then take the
# medicine.
#
# ## 3. Normalisation
#
# Deep networks are hard to train: if the numbers in one layer grow, those in the next one grow
# more. *Normalisation* sets the numbers right after each convolution: subtract a mean, divide by a
# standard deviation, then multiply and shift by two learnt numbers. The question is: the mean over
# *what*? The numbers x have four axes: jets of the batch, two directions of the picture, filters.
#
# | normalisation | mean over | depends on the other jets of the batch |
# |---|---|---|
# | batch | jets and pixels, each filter by itself | yes |
# | layer | pixels and filters, each jet by itself | no |
# | group | pixels and 8 filters together, each jet by itself | no |

# %%
numbers = np.random.default_rng(1).normal(3, 2, size=(128, 33, 33, 16))  # jets, pixels, filters
groups = numbers.reshape(128, 33, 33, 2, 8)
print("means by batch normalisation:", numbers.mean(axis=(0, 1, 2)).shape)
print("means by layer normalisation:", numbers.mean(axis=(1, 2, 3)).shape)
print("means by group normalisation:", groups.mean(axis=(1, 2, 4)).shape)

# %% [markdown]
# Batch normalisation has a weakness. In training, a mean over the jets of the batch is used. When
# the network is tested, each jet must be judged alone, so a running mean from the training takes
# its place. With large batches one would expect both to be nearly the same. With batches of 4 jets
# the means jump about, and training and test differ. (Of each training the epoch with the lowest
# validation loss is kept.)
#
# We train a small residual network with each of the three, once in batches of 128 jets and once in
# batches of 4.

# %%
kinds = ("batch", "layer", "group")
for batch_size in (128, 4):
    for kind in kinds:
        train_and_test(
            f"{kind}, {batch_size}",
            "resnet",
            normalisation=kind,
            batch_size=batch_size,
            blocks=[16],
            epochs=epochs_of_normalisation,
        )

# %%
names = [f"{kind}, {batch_size}" for batch_size in (128, 4) for kind in kinds]
curves(*names)

# %%
table(*names)

# %% [markdown]
# Two things happen at once. First the AUC, which knows only the order of the jets:
#
# * **Batch** normalisation is far ahead: layer and group normalisation are 0.03 behind it, and the
#   paired error is 0.003. In batches of 4 it is better still, by 0.009 ± 0.001; there it also had
#   more steps.
# * **Layer and group** are equal, and for them it does not matter how large the batches are, as the
#   table above says.
#
# Now the curves. With batch normalisation the validation loss jumps, up to 0.73, which is worse
# than to say 0.5 for each jet: that has 0.693. Yet the AUC is the best of all! The network orders
# the jets well, but all its scores are shifted, so that in batches of 128 the validation accuracy
# was 0.50 for three epochs. This is the danger: in training the network is used with one mean, in
# the test with another, here that of about the last ten batches. It lags behind while the weights
# change fast, and ten batches of 4 are few jets.
#
# So batch normalisation is a good choice if there are many steps and large batches, and if you look
# at the validation loss, not at the AUC alone. We have tried one seed and five epochs. That the
# distance of 0.03 is more than luck of a seed is likely but not shown, and with more epochs it may
# shrink.
#
# ## Exercises
#
# 1. **By heart.** Make the network learn by heart: fewer jets, `jets_each = 1000`, and larger
#    steps, in section 1 `learning_rate=0.005, batch_size=64, epochs=30`. Does the validation loss
#    turn? Then turn and mirror the jets too. *Hint: when something like this was tried, the losses
#    of the training and validation jets were at last 0.48 and 0.58, and with turned jets 0.54 and
#    0.54.*
# 2. **What is thrown away?** Layer normalisation divides the numbers of each jet by their spread.
#    What does the spread of its pixels tell of a jet? *Hint: the standard deviation over the pixels
#    of each test jet,
#    `array_rows(sample.test, np.arange(len(labels)), "images").std(axis=(1, 2, 3))`, and its AUC,
#    as in lesson 3. How far from 0.5 is it?*
# 3. **A tempting mistake.** Turn the *test* jets at random and average the scores of 8 turns. Is
#    the AUC of the average larger? Is this cheating? *Hint: `changed(images, SYMMETRY, n)`, then
#    `trained.model.predict({"images": ...})`, of what `train_and_test` trains: let it give that
#    back. The labels are not used.*
# 4. **Which symmetry?** A jet at the LHC is measured in rapidity and azimuth. Is a turn in this
#    plane an exact symmetry? *Hint: ΔR² = Δy² + Δφ² looks like a distance, but the directions
#    towards the beam and around it are not alike; what about the other jets of the event, and the
#    remnants of the protons?*
# 5. **One jet in a batch.** What would batch normalisation give with one jet in a batch, if it took
#    the mean over the jets alone? *Hint: x minus its own mean.*
