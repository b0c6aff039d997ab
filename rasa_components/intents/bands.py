"""What is done with a ranking: it is acted on, or the two best are asked about, or it is declined.

Knows nothing of Rasa. Asking and declining are one to Rasa, `nlu_fallback`; the actions read the ranking.
"""

from dataclasses import dataclass
from typing import Collection, Dict, Optional, Sequence, Text, Tuple

FALLBACK = "nlu_fallback"
DECLINED = "out_of_scope"

Ranking = Sequence[Tuple[Text, float]]


@dataclass(frozen=True)
class Bands:
    """How sure one has to be.

    `changing`: the intents that change an order. That one of them is meant has to be as sure as `act_changing`; which
    of them, as sure as `act`: every one of them shows a card before anything is done.
    """

    act: float
    act_changing: float
    change_mind: float
    changing: Collection[Text]

    def decide(self, ranking: Ranking, instead: Optional[Text]) -> Tuple[Text, float]:
        """The intent and its confidence.

        Args:
            ranking: intents with their probabilities, best first.
            instead: what a guard says the sentence means, in case it looks as if it changed something.
        """
        best, sure = ranking[0]
        if best in self.changing and instead is not None:
            other = self._of(ranking, instead)
            return (instead, other) if other >= self.change_mind else (FALLBACK, 1 - sure)
        if best in self.changing and self._changing(ranking) < self.act_changing:
            return FALLBACK, 1 - sure
        return (best, sure) if sure >= self.act or best == DECLINED else (FALLBACK, 1 - sure)

    def _changing(self, ranking: Ranking) -> float:
        """How sure it is that a change is asked for at all."""
        return sum(probability for intent, probability in ranking if intent in self.changing)

    @staticmethod
    def _of(ranking: Ranking, intent: Text) -> float:
        found: Dict[Text, float] = dict(ranking)
        return found.get(intent, 0.0)
