# %% [markdown]
# # Lesson 2: what is in a jet file
#
# At the Large Hadron Collider protons meet protons. Sometimes a quark or a gluon is knocked out
# with high momentum. We never see it: within 1e-15 m it becomes a spray of ordinary particles, a
# *jet*. Here you open a file of jets, look at single ones, and find out how jets of quarks and
# jets of gluons differ.
#
# **You learn**
#
# * which four numbers describe a particle at a collider, and why these;
# * how jets of different length fit into one array;
# * why a gluon makes more particles than a quark.
#
# **You need** lesson 1 only to know your way around a notebook. The lesson runs in about a minute.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.animation import FuncAnimation

import jetline
from jetline.inputs.kinds.images.recipe import DETECTOR_GROUPS
from jetline.jets.constituents import PDG_ID, PT
from jetline.jets.kinematics import Frame
from jetline.jets.reading import read_jets
from jetline.jets.species import PDG_IDS
from jetline.observables.table import OBSERVABLES, measure_jets
from jetline.report.style import GLUON_COLOUR, QUARK_COLOUR

# %% tags=["parameters"]
shown = 20  # jets of each kind in the event display
jets_read = 5000  # of the 5,000 in the file

# %% [markdown]
# ## 1. The file
#
# Jetline brings 20,000 jets, made by the event generator Pythia: a program that plays out
# collisions with random numbers, following what we know of the forces. We read the first of four
# files.

# %%
checkout = Path(jetline.__file__).parents[2]
jets = read_jets(checkout / "resources/sample/QG_jets_0.npz")
constituents, labels = jets.constituents[:jets_read], jets.labels[:jets_read]
print("constituents", constituents.shape, constituents.dtype)
print("labels      ", labels.shape, labels[:10], "(1: quark, 0: gluon)")

# %% [markdown]
# `constituents` has three axes: the jet, the particle in the jet, and four numbers for each
# particle. These are the first five particles of the first jet.

# %%
columns = ["pT [GeV]", "rapidity", "azimuth [rad]", "PDG id"]
pd.DataFrame(constituents[0, :5], columns=columns)

# %% [markdown]
# * **pT**, the *transverse momentum*: the part of the momentum across the beam. The protons have
#   none, so what flies to one side must be balanced on the other. The unit is GeV (with c = 1);
#   the mass of a proton is 0.94 GeV.
# * **Rapidity** y = ½ ln[(E + pz) / (E - pz)] says in which direction along the beam the particle
#   flies: 0 is at a right angle to the beam. The quark and the gluon that collide carry different
#   shares of their protons' momenta, so everything moves along the beam, each time with another
#   speed. Such a motion adds the same number to all rapidities. *Differences* of rapidity do not
#   change. This is why we use rapidity and not the angle.
# * **Azimuth** φ: the angle around the beam.
# * **PDG id**: a number for each kind of particle, the same in all programs. 22 is a photon, 211 a
#   positive pion, -211 a negative one.
#
# So a jet lives in the plane of rapidity and azimuth, like a picture that is wrapped around the
# beam. The distance of two particles there is ΔR = sqrt(Δy² + Δφ²).
#
# ### Jets have different lengths
#
# An array is a box: each jet has as many rows. Shorter jets are filled up with rows of zeros, the
# *padding*. Never take padding for particles! Lesson 3 shows what happens then.

# %%
multiplicity = jets.multiplicities[:jets_read]
print("rows for each jet:", constituents.shape[1])
print("particles in the first ten jets:", multiplicity[:10])
print(f"share of the array that is padding: {1 - multiplicity.mean() / constituents.shape[1]:.0%}")

first_padding = multiplicity[0]
pd.DataFrame(constituents[0, first_padding - 2 : first_padding + 3], columns=columns)

# %% [markdown]
# ## 2. Which particles?
#
# The file holds what lives long enough to reach a detector. Neutrinos are left out, since no
# detector sees them.

# %%
names = {
    22: "photon", 211: "π⁺", -211: "π⁻", 321: "K⁺", -321: "K⁻", 130: "K long", 2112: "neutron",
    -2112: "antineutron", 2212: "proton", -2212: "antiproton", 11: "e⁻", -11: "e⁺", 13: "μ⁻",
    -13: "μ⁺",
}  # fmt: skip
real = constituents[..., PT] > 0
found = constituents[real][:, PDG_ID].astype(int)
shares = {names[pdg_id]: 100 * np.mean(found == pdg_id) for pdg_id in PDG_IDS}

figure, axes = plt.subplots(figsize=(7, 3.6))
bars = axes.barh(list(shares), list(shares.values()), color="#56B4E9")
axes.bar_label(bars, fmt="%.2f", padding=3, fontsize=8)
axes.invert_yaxis()
axes.set(xlabel="share of all particles [%]", ylabel="kind of particle", xlim=(0, 53))
plt.show()

# %% [markdown]
# Nearly half are photons. They come in pairs from neutral pions, π⁰ → γγ, which decay at once.
# There are as many π⁺ as π⁻, and about as many π⁰: the strong force does not care about electric
# charge. So from three pions come two charged particles and two photons.
#
# ## 3. An event display
#
# Each circle is a particle; its area grows with its pT. The large dashed circle has the radius
# R = 0.4: the jets were found by the anti-kT algorithm, which collects what lies within this
# distance of a hard particle. Angles are shown relative to the axis of the jet. `Frame` computes
# them and takes care that the azimuth jumps by 2π.
#
# **Drag the slider** below the picture. On the left are quark jets,
# on the right gluon jets.

# %%
colours = {
    "charged_hadrons": "#0072B2",
    "photons": "#E69F00",
    "neutral_hadrons": "#009E73",
    "electrons": "#CC79A7",
    "muons": "#000000",
}
frame = Frame.of(constituents)
quarks, gluons = np.flatnonzero(labels == 1)[:shown], np.flatnonzero(labels == 0)[:shown]

figure, both = plt.subplots(1, 2, figsize=(9.5, 4.9), layout="constrained")


def draw_jet(axes, jet, kind):
    """Draw the particles of one jet."""
    axes.clear()
    for group, colour in colours.items():
        chosen = real[jet] & np.isin(constituents[jet, :, PDG_ID], DETECTOR_GROUPS[group])
        axes.scatter(
            frame.rapidity[jet, chosen],
            frame.phi[jet, chosen],
            s=8 * frame.pt[jet, chosen],
            color=colour,
            alpha=0.55,
            label=group.replace("_", " "),
        )
    axes.add_patch(plt.Circle((0, 0), 0.4, fill=False, linestyle="--", color="0.5"))
    axes.set(xlim=(-0.5, 0.5), ylim=(-0.5, 0.5), aspect="equal")
    axes.set(xlabel="rapidity, from the axis", ylabel="azimuth, from the axis [rad]")
    told = f"{multiplicity[jet]} particles, pT = {frame.jet_pt[jet]:.0f} GeV"
    axes.set_title(f"{kind} jet {jet}: {told}", fontsize=10)


def draw_pair(number):
    """Draw one quark jet and one gluon jet."""
    draw_jet(both[0], quarks[number], "quark")
    draw_jet(both[1], gluons[number], "gluon")


draw_pair(0)
handles = [
    plt.Line2D([], [], marker="o", linestyle="", color=colour, label=group.replace("_", " "))
    for group, colour in colours.items()
]
figure.legend(handles=handles, loc="outside lower center", ncols=5, fontsize=9, frameon=False)
plt.close(figure)  # the next line shows it, with a slider

plt.rcParams["animation.html"] = "jshtml"
FuncAnimation(figure, draw_pair, frames=shown)

# %% [markdown]
# Look at ten pairs before you read on. Could you tell a quark jet from a gluon jet? By what?
#
# ## 4. What is different
#
# An *observable* is a number that we measure of a jet. Jetline knows more than a dozen; here are
# four.

# %%
edges_of = {
    "multiplicity": np.arange(0.5, 110, 4),  # whole numbers: four in each bin
    "girth": np.linspace(0, 0.2, 31),
    "mass": np.linspace(0, 120, 31),
    "ptd": np.linspace(0, 0.8, 31),
}
measured = measure_jets(constituents, edges_of)

figure, grid = plt.subplots(2, 2, figsize=(9, 6), layout="constrained")
for axes, (name, edges) in zip(grid.flat, edges_of.items(), strict=True):
    observable, values = OBSERVABLES[name], measured[name]
    for label, kind, colour, line in (
        (1, "quark", QUARK_COLOUR, "-"),
        (0, "gluon", GLUON_COLOUR, "--"),
    ):
        heights, _ = np.histogram(values[labels == label], edges, density=True)
        axes.stairs(heights, edges, color=colour, linestyle=line, linewidth=1.6, label=kind)
    unit = f" [{observable.unit}]" if observable.unit else ""
    axes.set(xlabel=f"{observable.label}{unit}", ylabel="jets, each kind normalised to 1")
    axes.locator_params(axis="x", nbins=6)
grid[0, 0].legend(frameon=False)
plt.show()

for name in edges_of:
    print(f"{OBSERVABLES[name].label:14} {OBSERVABLES[name].definition}")

# %%
for label, kind in ((1, "quark"), (0, "gluon")):
    of_kind = multiplicity[labels == label]
    error = of_kind.std() / np.sqrt(len(of_kind))
    print(f"{kind} jets have {of_kind.mean():.1f} ± {error:.1f} particles")

# %% [markdown]
# Gluon jets have more particles (multiplicity), are wider (girth) and heavier (mass), and their
# momentum is shared more evenly (pTD).
#
# **Why?** The strong force acts on a charge that is called *colour*. Quarks have it, and gluons
# have it too. How often a particle radiates a further gluon is proportional to a *colour factor*:
# 4/3 for a quark, 3 for a gluon. So a gluon radiates 9/4 = 2.25 times as often. What is radiated
# radiates again, and at the end everything becomes pions, kaons and protons.
#
# The numbers of particles differ by a factor of less than 1.6, not 2.25. The factor 9/4 holds for
# the first, soft radiation. But energy is limited: what one particle takes, others cannot. And in
# a quark jet the *radiated* particles are gluons, which radiate as gluons do.
#
# The distributions overlap. No observable tells for certain what a jet comes from. How well one
# can do with several, or with a network that sees all particles, is the subject of these lessons.
#
# ## Exercises
#
# 1. **Momentum.** The jets were chosen with 500 GeV ≤ pT ≤ 550 GeV. Draw a histogram of
#    `frame.jet_pt` for both kinds. Why was such a narrow window chosen? *Hint: what would a
#    network learn if gluon jets had, on average, less momentum than quark jets?*
# 2. **The hardest particle.** Which share of the jet's momentum has its hardest particle? Compare
#    quark and gluon jets. *Hint: `measure_jets(constituents, ["z_max"])`.*
# 3. **Two sums.** Is the pT of the jet the sum of the pT of its particles? Compare
#    `constituents[..., PT].sum(axis=1)` with `frame.jet_pt`. Which is larger, always, and why?
#    *Hint: pT is the length of a vector in the plane across the beam.*
# 4. **Charge.** Compute the electric charge of each jet: the sum over its charged hadrons of the
#    sign of the PDG id. Compare the means of quark and gluon jets. *Hint: protons contain two u
#    quarks (charge 2/3) for each d quark (-1/3).*
# 5. **The best cut.** Call a jet a quark jet if it has at most n particles. Which n gives the
#    largest share of right answers? How large is it? Keep the number: in lesson 4 a network has to
#    beat it.
#    *Hint: try all n in a loop; `np.mean((multiplicity <= n) == (labels == 1))`.*
