"""How right a model writes: cases of our own making that no model has learnt, put to the writer, judged by its check.

Knows no store. The words of the cases (words.yml) are held out: they go into no training data.
"""

from deskhand.writing.trial.cases import JOBS, Case, cases
from deskhand.writing.trial.running import Progress, run
from deskhand.writing.trial.scoring import Outcome, Score, figures, scores, wilson

__all__ = ["JOBS", "Case", "Outcome", "Progress", "Score", "cases", "figures", "run", "scores", "wilson"]
