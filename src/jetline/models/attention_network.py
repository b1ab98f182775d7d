"""What the networks of particle attention have in common: their settings."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from jetline.models.particle_network import ParticleNetwork


class AttentionNetwork(ParticleNetwork):
    """Settings of a network of particle attention."""

    # arXiv:2202.03772, section 5, as its authors train on these jets.
    published: ClassVar = {
        "epochs": 20,
        "batch_size": 512,
        "learning_rate": 1e-3,
        "training": {
            "optimiser": "radam",
            "lookahead": True,
            "weight_decay": 0.01,
            "schedule": "flat-exponential",
        },
    }

    inputs: str = Field("particles", description="`particles`")
    identity: Literal["none", "experimental", "full"] = Field(
        "full",
        description="what the model is told of each particle's species: nothing, charge and type, "
        "or with the hadrons told apart",
    )
    batch_size: int = Field(64, ge=1, le=1_000_000, description="jets in one step")
    dropout: float = Field(
        0.1,
        ge=0,
        lt=1,
        description="share of features and of attention dropped in training, in the blocks of "
        "particle attention",
    )

    @property
    def untrainable_together(self) -> str | None:
        """Why several seeds cannot train together; None where they can."""
        if self.dropout:
            # A batch of several seeds is filled up as far as the largest of them needs.
            return (
                f"dropout: {self.dropout:g} (of attention), whose random numbers depend on how far "
                "a batch is filled up"
            )
        return super().untrainable_together
