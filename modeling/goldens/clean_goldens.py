"""Goldens of `engine/clean-prompt.ts`: prompts as OpenAI's and OpenCLIP's tokenizers clean them, by ftfy 6.3.1 and Python's html module.

Run: `python modeling/goldens/clean_goldens.py`; writes `engine/goldens/clean.json`. Needs `pip install ftfy==6.3.1`.
"""

import html
import json
import random
from pathlib import Path

import ftfy

TARGET = Path(__file__).resolve().parents[2] / "engine/goldens/clean.json"
HARD = (
    "",
    "  a boat \n",
    "“a red boat” and ‘a house’, it’s the sailor‛s „Kahn‟",
    "ﬁre and ﬂames, eﬃcient waﬄes, ﬀ ﬅ ﬆ ĳ Ǆ ŉ",
    "ｆｕｌｌ　ｗｉｄｔｈ １２３！ ﾊﾟﾋﾟ",
    "salt &amp; pepper, &lt;b&gt;bold&lt;/b&gt;",
    "&quot;quoted&quot; &#39;single&#39; &#x2019; &#8220;curly&#8221; &ldquo;named&rdquo;",
    "&amp;amp;quot;thrice&amp;amp;quot;",
    "R&ampD AT&T this&not that &copy 2024 &nosuch; &",
    "<b>&ldquo;markup&rdquo;</b> &eacute;",
    "a &hellip; b &mdash; c &nbsp;d &#0; &#128; &#xD800; &#1114112;",
    "zero\u200bwidth \ufeffbom \u00adsoft\x07 bell \x7f",
    "line\r\nbreak\rcarriage\u2028separator\u2029paragraph\u0085next",
    "cafe\u0301 nai\u0308ve \u1e9e \u2126",
    "漢字 한국어 👩‍👩‍👧‍👦 🚀 ① ² ½ Ⅷ",
    "d’Artagnan’s ‘90s style — “noir”",
)
PIECES = ("a ", "boat", "“", "”", "’", "‘", "&amp;", "&lt;", "&quot;", "&#39;", "&eacute", ";", "ﬁ", "！", "&", "#", "x2019", " ", "é", "…", "—")


def cleaned(text: str) -> str:
    """Text in a wrong encoding is left as it is, as ours leaves it."""
    return html.unescape(html.unescape(ftfy.fix_text(text, fix_encoding=False, fix_c1_controls=False))).strip()


def main() -> None:
    rng = random.Random(23)
    texts = [*HARD, *("".join(rng.choice(PIECES) for _ in range(rng.randint(1, 14))) for _ in range(300))]
    TARGET.write_text(json.dumps([{"text": text, "cleaned": cleaned(text)} for text in texts], ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main()
