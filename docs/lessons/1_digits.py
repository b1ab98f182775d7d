# %% [markdown]
# # Lesson 1: ten handwritten digits
#
# In this lesson you train your first network. It looks at small pictures of digits and says
# which digit each one shows. Later the same network will look at pictures of jets.
#
# **You learn**
#
# * what a network is given, and what it answers;
# * why the pictures are divided into three parts;
# * how to read a learning curve;
# * how well the network does, and how precisely you know it.
#
# **You need** some Python and NumPy. No physics yet. The whole lesson runs in about a minute
# on two processor cores.
#
# Run the cells from top to bottom: click on a cell and press Shift + Enter.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from jetline.models import read_settings
from jetline.records.history import History
from jetline.report.plots import LearningCurve, learning_curves
from jetline.report.style import styles
from jetline.sources.digits import DigitsSource
from jetline.training.small_sample import read_sample, scores, train

# %% [markdown]
# The next cell has the settings of the lesson. Change them when an exercise asks you to, then run
# all cells below it again.

# %% tags=["parameters"]
epochs = 15  # how often the network sees each training picture
batch_size = 16  # pictures in one step
pictures = 1257  # training pictures, at most

# %% [markdown]
# ## 1. The data
#
# scikit-learn, a Python package, brings 1,797 digits written by 43 people. Each is a picture of
# 8 x 8 pixels. Jetline enlarges them to 28 x 28 pixels, the size of the famous data set MNIST, and
# writes them into three files.

# %%
scratch = tempfile.TemporaryDirectory()  # removed when you close the notebook
folder = Path(scratch.name)
files = {path.stem: path for path in DigitsSource(source="digits").write(folder)}
classes = tuple("0123456789")

for name, path in files.items():
    with np.load(path) as archive:
        print(name, archive["images"].shape, archive["images"].dtype, archive["labels"][:10])

# %% [markdown]
# Read the first line like this: the file `train` has 1,257 pictures of 28 rows and 28 columns.
# Each pixel is a whole number from 0 (empty) to 255 (full). The *labels* say which digit was
# meant.
#
# Here are the first twenty training pictures.

# %%
with np.load(files["train"]) as archive:
    images, labels = archive["images"], archive["labels"]

figure, grid = plt.subplots(2, 10, figsize=(10, 2.6))
for axes, image, label in zip(grid.flat, images, labels, strict=False):
    axes.imshow(image, cmap="gray_r")
    axes.set_title(classes[label])
    axes.axis("off")
plt.show()

# %% [markdown]
# ### Why three parts?
#
# * **train**: the network changes its weights so that it does better on these pictures.
# * **validation**: after each epoch we look how well it does on these. They decide which epoch we
#   keep.
# * **test**: we look at these once, at the end. They have decided nothing. Only they tell how well
#   the network does on pictures that it has never seen.
#
# A network with many weights can learn the training pictures by heart. Then it is perfect on them,
# and poor on all others. Without a test part you would not notice.

# %%
sample = read_sample(
    "pictures",
    training=[files["train"]],
    validation=[files["validation"]],
    test=[files["test"]],
    folder=folder / "shards",
    classes=classes,
    at_most=pictures,
)
print(len(sample.training), "train,", len(sample.validation), "validate,", len(sample.test), "test")

# %% [markdown]
# ## 2. The network
#
# `cnn` is a *convolutional* network. A convolution moves a small window of 3 x 3 pixels over the
# picture. In each place it computes one number from the nine pixels: large if they look like the
# pattern that it searches, for example a vertical line. The first convolution searches 32
# patterns, the second one 64 patterns *of patterns*. *Pooling* keeps the largest number of each 2
# x 2 pixels, so that a small shift of the digit changes little. The last layer gives ten numbers
# between 0 and 1 whose sum is 1: the probabilities of the ten digits.

# %%
network = read_settings(
    "cnn", {"inputs": "pictures", "epochs": epochs, "batch_size": batch_size, "patience": epochs}
)
network.build(sample.statistics).summary()

# %% [markdown]
# The network has 34,826 weights. You can check the number: the first convolution has
# 32 patterns x (9 pixels + 1 constant) = 320 weights, the second one 64 x (9 x 32 + 1) = 18,496.
# After the second pooling there are 5 x 5 x 64 = 1,600 numbers, and the last layer has
# 10 x (1,600 + 1) = 16,010 weights.
#
# ## 3. The training
#
# At first the weights are random, and the network guesses. In each step it sees a few pictures,
# a *batch*. We compute the *loss*, -ln(p), where p is the probability that the network gave to the
# right digit, and take the mean over the batch. Then each weight moves a little in the direction
# that makes the loss smaller. An *epoch* is over when all training pictures were seen once.
#
# Before you run the cell: what is the loss of a network that gives each digit the probability
# 1/10? Compare with the first lines.

# %%
trained = train(network, sample, seed=1)

# %% [markdown]
# The answer is -ln(1/10) = 2.3. Now look at the learning curve.

# %%
curve = LearningCurve("cnn", History(trained.progress.history))
learning_curves([curve], styles(["cnn"]))

# %% [markdown]
# * Both lines fall: the network learns what all digits have in common.
# * The validation loss can lie *below* the training loss. The reason is *dropout*: in training,
#   half of the numbers before the last layer are set to zero at random. This makes the task
#   harder, and learning by heart too.
# * If the validation loss rises while the training loss falls, the network begins to learn by
#   heart.
#
# ## 4. How well does it do?
#
# The answer of the network is the digit with the largest probability.

# %%
probabilities = scores(network, trained, sample.test)
answers, truth = probabilities.argmax(axis=1), sample.test.labels
right = answers == truth
accuracy = right.mean()
error = np.sqrt(accuracy * (1 - accuracy) / len(right))
print(f"accuracy on {len(right)} test pictures: {accuracy:.3f} ± {error:.3f}")

# %% [markdown]
# Each test picture is right or wrong, like a coin with two sides. If the true accuracy is a, then
# of n pictures a n are right on average, with a standard deviation of sqrt(a (1 - a) n). For the
# share of right answers the standard deviation is sqrt(a (1 - a) / n): the number behind ±. With
# 360 pictures it is about 0.006. So 0.980 and 0.985 are *the same* within the errors. Remember
# this when you read that one network is "better" than another.
#
# Which digits does it take for which?

# %%
confusion = np.zeros((10, 10), int)
np.add.at(confusion, (truth, answers), 1)

figure, axes = plt.subplots(figsize=(4.6, 4.2))
picture = axes.imshow(np.where(confusion, confusion, np.nan), cmap="viridis_r")
for row, column in zip(*np.nonzero(confusion), strict=True):
    ink = "white" if confusion[row, column] > 20 else "black"
    axes.text(column, row, confusion[row, column], ha="center", va="center", color=ink, fontsize=8)
axes.set(xlabel="answer of the network", ylabel="digit that was meant", xticks=range(10))
axes.set_yticks(range(10))
figure.colorbar(picture, label="test pictures", shrink=0.8)
plt.show()

# %% [markdown]
# On the diagonal are the right answers. And here are the mistakes, those first of which the
# network was surest. Would you have known?

# %%
mistakes = np.flatnonzero(~right)
mistakes = mistakes[np.argsort(-probabilities[mistakes].max(axis=1))][:10]
test_images = sample.test.gather(mistakes, lambda shard, rows: shard.arrays["images"][rows])

figure, grid = plt.subplots(1, 10, figsize=(10, 1.8))
for axes in grid:
    axes.axis("off")
for axes, jet, image in zip(grid, mistakes, test_images, strict=False):
    axes.imshow(image[..., 0], cmap="gray_r")
    told = f"{classes[truth[jet]]}, not {classes[answers[jet]]}"
    axes.set_title(f"{told}\n(p = {probabilities[jet].max():.2f})", fontsize=9)
plt.show()

# %% [markdown]
# ## 5. The same by one command
#
# All that you did here, and more, is one configuration of the workflow. In a terminal, in the
# folder of Jetline:
#
# ```
# snakemake --cores 2 --configfile config/few-digits.yaml
# ```
#
# It trains twice with different random numbers, tests, and writes
# `results/runs/few-digits/report.html`. With MNIST, which is downloaded, take
# `config/digits.yaml`. There the training part has 54,000 digits, and the same network reaches an
# accuracy of 0.99.
#
# ## Exercises
#
# 1. **Fewer steps.** Set `batch_size = 128`. The network sees the same pictures as often as
#    before. Why does it learn less? *Hint: how many steps are in one epoch? 1,257 / 128 = ?*
# 2. **Fewer pictures.** Set `pictures = 100`, then 300. Plot the test accuracy against the number
#    of training pictures, with errors. *Hint: the x axis is best logarithmic.*
# 3. **Luck.** Train with `seed=2` and `seed=3` in `train`. How much does the accuracy change?
#    Compare with the error that you computed. *Hint: the seeds are tested on the same pictures, so
#    the change has another cause: the first weights and the order of the pictures.*
# 4. **Shifted digits.** Shift the test pictures by three pixels with `np.roll(images, 3, axis=2)`
#    and ask the trained network with `trained.model.predict({"images": shifted})`. How far does
#    the accuracy fall? *Hint: take `sample.test.gather(np.arange(len(sample.test)), ...)` as
#    above.*
# 5. **Add shifts to the training.** Add `"training": {"augmentation": [{"step": "translate"}]}` to
#    the settings of the network. Each picture is then shifted at random by up to a pixel, anew in
#    each epoch. What do you expect for the test accuracy, and for exercise 4? *Hint: how many
#    different pictures does the network see now in 15 epochs?* Lesson 5 tells more.
