"""The pooled estimates once more, in numpy and with exact normal probabilities: nothing is shared with the SQL."""

from __future__ import annotations

import numpy as np
from scipy.integrate import quad
from scipy.stats import norm


def between(deviation: np.ndarray, se2: np.ndarray) -> float:
    """DerSimonian and Laird (1986)."""
    if len(deviation) < 2:
        return 0.0
    w = 1 / se2
    q = float((w * deviation**2).sum())
    return max(0.0, (q - (len(w) - 1)) / float(w.sum() - (w**2).sum() / w.sum()))


def kept(tau2: float, se2: np.ndarray) -> np.ndarray:
    return tau2 / (tau2 + se2) if tau2 > 0 else np.zeros_like(se2)


def pool(sent: np.ndarray, responses: np.ndarray) -> dict[str, np.ndarray]:
    """Arrays segments x wordings -> theta, low, high, weight, p_best; the last row is everyone's."""
    n, y = sent.astype(float), responses.astype(float)
    segments, wordings = n.shape
    d, se2 = 2 * np.arcsin(np.sqrt((y + 0.375) / (n + 0.75))), 1 / (n + 0.5)
    w0 = 1 / se2
    mean = (w0 * d).sum() / w0.sum()
    by_wording, se2_w = (w0 * d).sum(0) / w0.sum(0) - mean, 1 / w0.sum(0)
    kept_w = kept(between(by_wording, se2_w), se2_w)
    wording, var_w = kept_w * by_wording, kept_w * se2_w
    by_segment, se2_s = (w0 * (d - mean - wording)).sum(1) / w0.sum(1), 1 / w0.sum(1)
    kept_s = kept(between(by_segment, se2_s), se2_s)
    segment, var_s = kept_s * by_segment, kept_s * se2_s
    mu = mean + wording[None, :] + segment[:, None]
    df = (segments - 1) * (wordings - 1)
    tau2 = 0.0
    if df:
        q = (w0 * (d - mu) ** 2).sum()
        tau2 = max(q - df, 0.5 * np.sqrt(2 * df)) / (w0.sum() * df / (segments * wordings))
    w = kept(tau2, se2)
    theta = np.vstack([w * d + (1 - w) * mu, mean + wording])
    own = np.vstack([w * se2 + (1 - w) ** 2 * var_w[None, :], var_w])
    shared = np.vstack([(1 - w) ** 2 * (var_s[:, None] + 1 / w0.sum()), np.full(wordings, 1 / w0.sum())])
    half = norm.ppf(0.9) * np.sqrt(own + shared)
    best = np.array([best_of(t, np.sqrt(np.maximum(v, 1e-12))) for t, v in zip(theta, own, strict=True)])

    def rates(score: np.ndarray) -> np.ndarray:
        """Of each segment its own; with everyone the mean over the segments, each as far off as it is."""
        mixed = (w0.sum(1)[:, None] * rate(score[-1][None, :] + segment[:, None])).sum(0) / w0.sum()
        return np.vstack([rate(score[:-1]), mixed])

    return {"theta": rates(theta), "low": rates(theta - half), "high": rates(theta + half),
            "weight": np.vstack([w, kept_w]), "p_best": best}  # fmt: skip


def rate(score: np.ndarray) -> np.ndarray:
    return np.asarray(np.sin(np.clip(score, 0, np.pi) / 2) ** 2)


def best_of(theta: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Probability that each of some independent normal variables is the largest."""
    chances = []
    for j in range(len(theta)):
        others = [k for k in range(len(theta)) if k != j]

        def all_below(z: float, j: int = j, others: list[int] = others) -> float:
            x = theta[j] + sd[j] * z
            return float(norm.pdf(z) * np.prod([norm.cdf((x - theta[k]) / sd[k]) for k in others]))

        chances.append(quad(all_below, -8, 8, points=[-1, 0, 1], limit=200)[0])
    return np.array(chances) / np.sum(chances)
