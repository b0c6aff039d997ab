"""`python -m rasa_components.parse MODEL TEXTS FOUND`: JSON files: texts in, what Rasa's parser makes of them out.

For measuring and for tests: no server, no dialogue. Runs in Rasa's Python; imports Rasa and nothing of Deskhand.
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, Text

from rasa_components.start import one_thread_each


async def parse(agent: Any, texts: List[Text]) -> List[Dict[Text, Any]]:
    """Intent, confidence, ranking and milliseconds for each text."""
    found = []
    for text in texts:
        began = time.perf_counter()
        parsed = await agent.parse_message(text)
        took = (time.perf_counter() - began) * 1000
        intent = parsed["intent"]
        ranking = [[each["name"], each["confidence"]] for each in parsed.get("intent_ranking", [])]
        found.append(
            {"intent": intent["name"], "confidence": intent["confidence"], "ranking": ranking, "milliseconds": took}
        )
    return found


def main() -> None:
    one_thread_each(os.environ)
    from rasa.core.agent import Agent  # loads numpy, which looks at the environment

    model, texts, found = sys.argv[1:]
    said = json.loads(Path(texts).read_text(encoding="utf-8"))
    parsed = asyncio.run(parse(Agent.load(model), said))
    Path(found).write_text(json.dumps(parsed), encoding="utf-8")


if __name__ == "__main__":
    main()
