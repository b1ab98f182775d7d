"""What common cards can do at most, to tell which share of it a network uses."""

from __future__ import annotations

from typing import NamedTuple


class Peak(NamedTuple):
    """Peaks of a card: dense products of each precision [Tflop/s], and its memory [GB/s]."""

    float32: float
    tf32: float
    bfloat16: float
    bandwidth: float


#: By the name that the driver gives. From NVIDIA's data sheets (V100 2020, T4 2019, A100 2021,
#: A30 and A10 2021, A40 2020, L4 and L40S 2023, H100 2023, H200 2024) and white papers (GA102 2021
#: for the RTX 3090, Ada 2022 for the RTX 4090), without sparsity, which doubles some. Cards without
#: TF32 or bfloat16 compute both in float32.
PEAKS = {
    "Tesla V100-SXM2-16GB": Peak(15.7, 15.7, 15.7, 900),
    "Tesla V100-SXM2-32GB": Peak(15.7, 15.7, 15.7, 900),
    "Tesla T4": Peak(8.1, 8.1, 8.1, 320),
    "NVIDIA A100-SXM4-40GB": Peak(19.5, 156, 312, 1555),
    "NVIDIA A100-SXM4-80GB": Peak(19.5, 156, 312, 2039),
    "NVIDIA A100-PCIE-40GB": Peak(19.5, 156, 312, 1555),
    "NVIDIA A100 80GB PCIe": Peak(19.5, 156, 312, 1935),
    "NVIDIA A30": Peak(10.3, 82, 165, 933),
    "NVIDIA A10": Peak(31.2, 62.5, 125, 600),
    "NVIDIA A40": Peak(37.4, 74.8, 149.7, 696),
    "NVIDIA L4": Peak(30.3, 60, 121, 300),
    "NVIDIA L40S": Peak(91.6, 183, 362, 864),
    "NVIDIA GeForce RTX 3090": Peak(35.6, 35.6, 71, 936),
    "NVIDIA GeForce RTX 4090": Peak(82.6, 82.6, 165.2, 1008),
    "NVIDIA H100 PCIe": Peak(51, 378, 756, 2000),
    "NVIDIA H100 80GB HBM3": Peak(67, 495, 989, 3350),
    "NVIDIA H200": Peak(67, 495, 989, 4800),
}


def shares(
    card: str, precision: str, jets_per_second: float, flop: float | None, moved: float | None
) -> dict[str, float]:
    """Give the shares of a card's peaks that are used, as far as they are known.

    Parameters
    ----------
    card : str
        Its name, as the driver gives it.
    precision : str
        In which matrices are multiplied.
    jets_per_second : float
        Measured.
    flop, moved : float or None
        Operations, and bytes of memory read and written, of one jet.

    Returns
    -------
    dict
        ``arithmetic_share`` and ``bandwidth_share``, each left out where it is not known.
    """
    peak = PEAKS.get(card)
    if peak is None:
        return {}
    found = {}
    if flop is not None:
        found["arithmetic_share"] = jets_per_second * flop / (1e12 * getattr(peak, precision))
    if moved is not None:
        found["bandwidth_share"] = jets_per_second * moved / (1e9 * peak.bandwidth)
    return found
