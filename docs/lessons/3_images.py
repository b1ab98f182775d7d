# %% [markdown]
# # Lesson 3: pictures of jets, and something strange
#
# The network of lesson 1 looks at pictures. So we make pictures of jets: a grid in the plane of
# rapidity and azimuth, and each pixel says how many particles fell into it. You do this as it was
# done in a course that these lessons began from. The course's pictures have a mistake. Nobody saw
# it, since the network worked well. **In this lesson you find it.**
#
# **You learn**
#
# * how a jet becomes a picture;
# * to distrust data, and three questions that find most mistakes in them;
# * what a good picture of a jet is.
#
# **You need** lesson 2: rapidity, azimuth, padding, multiplicity. The lesson runs in about a
# minute.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import jetline
from jetline.evaluation.figures_of_merit.auc import area_under_curve
from jetline.evaluation.scored_jets import ScoredJets
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.imaging import image_jets
from jetline.jets.constituents import PHI, PT, RAPIDITY
from jetline.jets.reading import read_jets
from jetline.report.mean_images import MeanImages, axis_labels, colour_scale, colours
from jetline.report.style import GLUON_COLOUR, QUARK_COLOUR

# %% tags=["parameters"]
jets_read = 5000  # of the 5,000 in the file

# %%
checkout = Path(jetline.__file__).parents[2]
jets = read_jets(checkout / "resources/sample/QG_jets_0.npz")
constituents, labels = jets.constituents[:jets_read], jets.labels[:jets_read]
multiplicity = jets.multiplicities[:jets_read]

# %% [markdown]
# ## 1. One jet as a picture
#
# NumPy counts for us. The grid has 28 x 28 pixels, as many as the digits had, and covers the whole
# detector: rapidity from -1.7 to 1.7, azimuth from 0 to 2π.

# %%
jet = 0
counts, rapidity_edges, azimuth_edges = np.histogram2d(
    constituents[jet, :, RAPIDITY],
    constituents[jet, :, PHI],
    bins=28,
    range=[[-1.7, 1.7], [0, 2 * np.pi]],
)


def show(axes, image, recipe, scale):
    """Draw one image (n_y, n_phi) on a scale of colours; empty pixels stay white."""
    drawn = axes.imshow(
        np.ma.masked_equal(image.T, 0),
        origin="lower",
        extent=(*recipe.rapidity, *recipe.azimuth),
        aspect="auto",
        norm=scale,
        cmap=colours(),
    )
    axes.set(xlabel=axis_labels(recipe)[0], ylabel=axis_labels(recipe)[1])
    return drawn


figure, axes = plt.subplots(figsize=(5, 4.2))
scale = colour_scale(counts, 4)  # logarithmic, over at most four powers of ten
drawn = show(axes, counts, RECIPES["notebook"], scale)
figure.colorbar(drawn, label="particles in the pixel")
axes.set_title(f"jet {jet}: {multiplicity[jet]} particles")
plt.show()

# %% [markdown]
# You see a spot: the jet, with a radius of 0.4, covers a few pixels. Perhaps you see something
# else too. We go on.
#
# Jetline makes such pictures by *recipes*. The recipe `notebook` does what the course did. It also
# divides each picture by its sum and by the area of a pixel, NumPy's `density=True`.

# %%
course = RECIPES["notebook"]
images = image_jets(constituents, course)
print(images.shape, images.dtype, "(jet, rapidity, azimuth, channel)")
print(
    "the same as by hand:",
    np.allclose(images[jet, ..., 0] / images[jet].sum(), counts / counts.sum()),
)

# %% [markdown]
# ## 2. Three questions
#
# Always ask three questions before you train on data:
#
# 1. What does the *average* of each class look like? Is it what you expect?
# 2. Which *single* number in the data tells most about the class? Do you understand why?
# 3. What happens to the data if something changes that should not matter?
#
# The averages first. What do you *expect*? A jet can point in any direction around the beam. So
# the average over many jets should be smooth, and the same for all azimuths.


# %%
def mean_images(name, recipe, of_recipe):
    """Give the mean picture of each class, and their difference, as the workflow's report does."""
    chosen = {"quark": labels == 1, "gluon": labels == 0}
    counts = {kind: int(of_kind.sum()) for kind, of_kind in chosen.items()}
    means = {kind: of_recipe[of_kind].mean(axis=0, dtype=float) for kind, of_kind in chosen.items()}
    return MeanImages(name, recipe, counts, means)


mean_images("notebook", course, images).drawn()

# %% [markdown]
# **Stop here.** The colours are logarithmic: from one tick to the next it is ten times more. Is
# this what you expected? Answer these questions in the empty cell before you read on:
#
# * Which pixel is the brightest? Which rapidity and azimuth does it cover? *Hint:
#   `np.unravel_index(images[..., 0].mean(axis=0).argmax(), (28, 28))`, and the edges from above.*
# * In what share of all jets is it the brightest pixel?
# * Can so many jets point there?

# %%
# Your answers

# %% [markdown]
# ## 3. The brightest pixel

# %%
flat = images[..., 0].reshape(len(images), -1)
brightest = flat.mean(axis=0).argmax()
row, column = np.unravel_index(brightest, (28, 28))
share = (flat.argmax(axis=1) == brightest).mean()
print(f"rapidity {rapidity_edges[row]:.2f} to {rapidity_edges[row + 1]:.2f}")
print(f"azimuth  {azimuth_edges[column]:.2f} to {azimuth_edges[column + 1]:.2f} rad")
print(f"the brightest pixel of {share:.0%} of all jets")

# %% [markdown]
# The pixel holds the point y = 0, φ = 0. No jet need be near it. What lies exactly at (0, 0)?
# Think of lesson 2, of the shape of the array. Then plot the pixel against the number of
# particles.

# %%
area = (rapidity_edges[1] - rapidity_edges[0]) * (azimuth_edges[1] - azimuth_edges[0])
in_pixel = flat[:, brightest] * area  # share of all that was counted

figure, axes = plt.subplots(figsize=(6, 4))
for label, kind, colour, marker in (
    (0, "gluon", GLUON_COLOUR, "s"),
    (1, "quark", QUARK_COLOUR, "o"),
):
    of_kind = labels == label
    axes.plot(
        multiplicity[of_kind], in_pixel[of_kind], marker, color=colour, ms=3, alpha=0.3, label=kind
    )
axes.set(xlabel="particles in the jet", ylabel="share of the picture in one pixel")
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# A straight line! Each jet is an array of 125 rows: n particles and 125 - n rows of zeros, the
# padding. The histogram does not know this. It takes each row of zeros for a particle with
# rapidity 0 and azimuth 0. So this pixel holds
#
# $$ \frac{125 - n}{125}, $$
#
# and whoever reads it knows how many particles the jet has. The padding has become the most
# important feature of the picture. (The points above the line are jets of which the window shows
# only a part; you meet them again below.)
#
# The second question asks how much this tells. The *area under the ROC curve* (AUC) is the
# probability that of a random quark jet and a random gluon jet the right one has the larger value:
# 0.5 is guessing, 1 is perfect.

# %%
by_pixel = area_under_curve(ScoredJets.of(labels, in_pixel))[0]
by_number = area_under_curve(ScoredJets.of(labels, -multiplicity))[0]
print(f"AUC of this one pixel:           {by_pixel:.3f}")
print(f"AUC of the number of particles:  {by_number:.3f}")

each = [area_under_curve(ScoredJets.of(labels, column))[0] for column in flat.T]
each = np.abs(np.array(each) - 0.5) + 0.5  # it does not matter which class has more
each[brightest] = 0
print(f"AUC of the best of all others:   {each.max():.3f}")

# %% [markdown]
# One pixel of 784 knows nearly as much as the number of particles does. All others alone know
# almost nothing. A network that is trained on these pictures needs to learn one thing: look at
# this pixel. In lesson 4 you see that it does.
#
# ### Is that bad?
#
# The number of particles is real physics, so the network is right for a reason. But ask the third
# question: what happens if something changes that should not matter? How much padding there is
# depends on the *longest jet in the file*.

# %%
for path in sorted((checkout / "resources/sample").glob("*.npz")):
    print(path.name, "rows for each jet:", read_jets(path).constituents.shape[1])

few = constituents[:1000]
longer = np.pad(few, ((0, 0), (0, 14), (0, 0)))  # 14 more rows of zeros, the same jets
before, after = (image_jets(same, course)[:, row, column, 0] * area for same in (few, longer))
print(f"the pixel before: {before.mean():.3f} on average, after: {after.mean():.3f}")
fewer = (after - before).mean() * constituents.shape[1]
print(f"who learnt with {constituents.shape[1]} rows now reads {fewer:.1f} particles too few")

# %% [markdown]
# The same jets, in a file with one longer jet, look different, as if all had fewer particles.
# Quark jets have 19 particles fewer than gluon jets, so this is much. A network that was trained
# on one file is then wrong on another, and nothing in the physics has changed. This is why it is a
# flaw, however good the result.
#
# ## 4. A better picture
#
# First leave the padding out.

# %%
masked = course.model_copy(update={"padding_as_particles": False})
mean_images("without padding", masked, image_jets(constituents, masked)).drawn()

# %% [markdown]
# Now the average is smooth, as expected. But the jets are spread over the whole detector, and each
# one covers only a few pixels. The direction of a jet says nothing about what it comes from. So we
# move each jet to the middle and look closer: that is the recipe `pt`. Its window is 0.8 x 0.8,
# just the jet, and each particle counts with its transverse momentum.

# %%
centred = RECIPES["pt"]
pictures = image_jets(constituents, centred)
mean_images("pt", centred, pictures).drawn()

# %% [markdown]
# These averages show physics. On the right, in blue is where quark jets have more: in the middle.
# In red is where gluon jets have more: around it. Gluon jets are wider, as you measured in lesson
# 2.
#
# And single jets:

# %%
figure, grid = plt.subplots(2, 4, figsize=(11, 5.4), layout="constrained", sharex=True, sharey=True)
scale = colour_scale(pictures, 4)
for axes_row, label, kind in zip(grid, (1, 0), ("quark", "gluon"), strict=True):
    for axes, number in zip(axes_row, np.flatnonzero(labels == label), strict=False):
        drawn = show(axes, pictures[number, ..., 0], centred, scale)
        axes.set(xlabel="", ylabel="")
        axes.set_title(f"{kind} jet {number}", fontsize=9)
rapidity, azimuth = axis_labels(centred)
figure.supxlabel(rapidity, fontsize="medium")
figure.supylabel(azimuth, fontsize="medium")
figure.colorbar(drawn, ax=grid, label="share of pT", shrink=0.8)
plt.show()

# %% [markdown]
# ### Two smaller flaws
#
# * The azimuth of some jets goes beyond 2π, since a jet is not torn apart where the azimuth begins
#   again. The course's window ends there, so a part of these jets is lost. How many?

# %%
real = constituents[..., PT] > 0
beyond = real & ((constituents[..., PHI] < 0) | (constituents[..., PHI] >= 2 * np.pi))
print(f"{beyond.any(axis=1).mean():.1%} of the jets lose particles")
print(f"of these jets they lose {beyond.sum() / real[beyond.any(axis=1)].sum():.0%}")

# %% [markdown]
# * The course divided all pictures by the largest pixel of *all* jets, test jets too. Then the
#   test jets have decided something. Here it changes little, but it is a bad habit. The workflow
#   takes the largest pixel of the training part.
#
# ## Exercises
#
# 1. **Rows of nothing.** Make a "jet" without any particle: `np.zeros((1, 125, 4))`. What does the
#    course's picture of it show? What does the recipe `pt` make of it? *Hint: `image_jets`.*
# 2. **Another file.** Find a threshold for the bright pixel that tells quark from gluon jets best
#    in
#    `QG_jets_0.npz`. How often is it right there, and how often in the other files? *Hint: for
#    each file take `area` times the pixel at `row`, `column`.*
# 3. **Count or momentum?** Change the recipe `pt` so that each particle counts as one:
#    `centred.model_copy(update={"channels": (ImageChannel(weight="count"),)})`. How do the
#    averages change? *Hint: import `ImageChannel` from `jetline.inputs.kinds.images.recipe`.*
# 4. **Turn and flip.** A recipe can also turn each jet so that its long axis points up, and flip
#    it:
#    `update={"rotate": True, "flip": True}`. What do the averages show now? Is something lost?
#    *Hint: does nature prefer a direction around the axis of the jet?*
# 5. **Three colours.** The recipe `color` has three channels, like a photograph: pT of charged
#    particles, pT of neutral ones, number of charged ones. Draw its averages. In which channel do
#    the classes differ most? *Hint: `mean_images` draws a row for each channel.*
