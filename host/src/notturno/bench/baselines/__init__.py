"""Published rules to compare with, one small file each, written from their published parameters.

Each is a function (acc_mg float (n, 3), odr_hz) -> events, dicts as in bench.metrics. None was
made for jerks: where a rule gives spans of movement, those shorter than 0.5 s count as jerks, the
others as limb movements (`spans.events`), which is kinder than leaving the short ones out.
"""

from notturno.bench.baselines import actiwatch, adaptive_plm, jerk_threshold, pam_rl, power_ratio

BASELINES = {
    "jerk threshold": jerk_threshold.detect,
    "3-8 Hz ratio": power_ratio.detect,
    "PAM-RL": pam_rl.detect,
    "Actiwatch-like": actiwatch.detect,
    "adaptive PLM": adaptive_plm.detect,
}
