# ruff: noqa
# fmt: off
"""Score a filter's answers against a marked-up corpus.

    score.py CORPUS.jsonl ANSWERS.jsonl [--show N]

An answer is {"id", "outcome", "forwarded": [[start, end], ...], "facts": [...]} with offsets (code points) into the
message's plain text, or {"id", "outcome", "text": delivered text}: then a token of a span counts as forwarded when it
stands in a run of at least three (or the whole span's) tokens that the delivered text shares with the message.
"""
import json, re, sys
from collections import Counter, defaultdict

MARK = re.compile(r"⟦([FXDN])(?::([a-z_]+))?\|(.*?)⟧", re.S)
WORD = re.compile(r"\w+(?:[.:'’/]\w+)*", re.U)
STOP = set("a an the and or but so to of in on at for with is are was were be been it its he she they we you i me my your his her their our this that as by from do does did have has had will would can could just not no if then than there here up out about also am".split())

def plain(marked):
    """-> (plain text, [(kind, category, start, end)])"""
    out, spans, pos = [], [], 0
    n = 0
    for m in MARK.finditer(marked):
        gap = marked[pos:m.start()]; out.append(gap); n += len(gap)
        out.append(m[3]); spans.append((m[1], m[2], n, n + len(m[3]))); n += len(m[3]); pos = m.end()
    out.append(marked[pos:])
    return "".join(out), spans

def load(path):
    recs = []
    for line in open(path, encoding="utf8"):
        r = json.loads(line)
        r["plain"], r["spans"] = plain(r["text"])
        r["plain_subject"], r["subject_spans"] = plain(r["subject"]) if r.get("subject") else (None, [])
        recs.append(r)
    return recs

def message(r):
    """The message as the gateway sees it."""
    return {k: r[k] for k in ("id", "channel", "sent_at", "children", "sender_name", "recipient_name")} | {"subject": r["plain_subject"], "text": r["plain"]}

def tokens(text, start, end):
    return [(m.start() + start, m.end() + start, m[0].lower()) for m in WORD.finditer(text[start:end])]

def covered(r, a):
    """Offsets of the message's characters that the answer forwards."""
    if "forwarded" in a:
        got = bytearray(len(r["plain"]))
        for s, e in a["forwarded"]: got[s:e] = b"\1" * (min(e, len(got)) - s)
        return got
    got = bytearray(len(r["plain"]))
    msg = tokens(r["plain"], 0, len(r["plain"])); dlv = [t[2] for t in tokens(a.get("text") or "", 0, len(a.get("text") or ""))]
    grams = {tuple(dlv[i:i+3]) for i in range(len(dlv) - 2)}; bi = " " + " ".join(dlv) + " "
    for i in range(len(msg)):
        if tuple(t[2] for t in msg[i:i+3]) in grams:
            for s, e, _ in msg[i:i+3]: got[s:e] = b"\1" * (e - s)
    for k, c, s, e in r["spans"]:
        w = [t for t in tokens(r["plain"], s, e)]
        if w and len(w) < 3 and f" {' '.join(t[2] for t in w)} " in bi:
            for ts, te, _ in w: got[ts:te] = b"\1" * (te - ts)
    return got

def score(recs, answers, show=0):
    by = {a["id"]: a for a in answers}
    T = Counter(); cat = defaultdict(Counter); miss = []
    for r in recs:
        a = by.get(r["id"]); T["messages"] += 1
        if a is None: T["no_answer"] += 1; a = {"outcome": "withhold", "text": ""}
        got = covered(r, a)
        esc, want = a["outcome"] == "escalate", r["expect"]["outcome"] == "escalate"
        T["esc_want"] += want; T["esc_hit"] += want and esc; T["esc_false"] += esc and not want; T["esc_not"] += not want
        T["outcome_ok"] += a["outcome"] == r["expect"]["outcome"]
        if r["expect"]["outcome"] == "forward": T["benign"] += 1; T["benign_touched"] += a["outcome"] in ("partial", "withhold")
        for k, c, s, e in r["spans"]:
            toks = [t for t in tokens(r["plain"], s, e)]
            content = [t for t in toks if t[2] not in STOP] or toks
            if not content or k == "N": continue
            kept = sum(all(got[ts:te]) for ts, te, _ in content) / len(content)
            if k == "F":
                T["F"] += 1; T["F_tok"] += len(content); T["F_tok_kept"] += kept * len(content); ok = kept >= 0.9; T["F_kept"] += ok
                cat["F:" + c]["n"] += 1; cat["F:" + c]["ok"] += ok
                if not ok: miss.append((r["id"], "LOST", c, r["plain"][s:e], kept))
            else:
                T[k] += 1; T[k + "_tok"] += len(content); T[k + "_tok_leak"] += kept * len(content); bad = kept >= 0.5; T[k + "_leak"] += bad
                cat[f"{k}:{c}"]["n"] += 1; cat[f"{k}:{c}"]["ok"] += not bad
                if bad: miss.append((r["id"], "LEAK", c, r["plain"][s:e], kept))
        ef = r["expect"]["facts"]
        if ef and "facts" in a:
            for field in ("when", "amount", "child"):
                w = Counter(str(f[field]) for f in ef if f[field] is not None); g = Counter(str(f.get(field)) for f in a["facts"] if f.get(field) is not None)
                if field == "when": g = Counter(k.replace(" ", "T")[:16] for k in g.elements())
                if field == "amount": w = Counter(f"{float(k):.2f}" for k in w.elements()); g = Counter(f"{float(k):.2f}" for k in g.elements())
                T[field + "_want"] += w.total(); T[field + "_hit"] += (w & g).total(); T[field + "_got"] += g.total()
            w = Counter(f["topic"] for f in ef); g = Counter(f.get("topic") for f in a["facts"])
            T["topic_want"] += w.total(); T["topic_hit"] += (w & g).total(); T["topic_got"] += g.total()
    p = lambda a, b: f"{100 * a / b:.1f}%" if b else "-"
    res = {"messages": T["messages"], "no_answer": T["no_answer"], "outcome_ok": p(T["outcome_ok"], T["messages"]),
      "fact spans kept": p(T["F_kept"], T["F"]), "fact tokens kept": p(T["F_tok_kept"], T["F_tok"]),
      "withhold spans leaked": p(T["X_leak"], T["X"]), "withhold tokens leaked": p(T["X_tok_leak"], T["X_tok"]),
      "danger spans shown": p(T["D_leak"], T["D"]), "escalations found": p(T["esc_hit"], T["esc_want"]), "false escalations": p(T["esc_false"], T["esc_not"]),
      "benign messages touched": p(T["benign_touched"], T["benign"])}
    for f in ("topic", "when", "amount", "child"):
        res[f + " recall/precision"] = f"{p(T[f+'_hit'], T[f+'_want'])} / {p(T[f+'_hit'], T[f+'_got'])}"
    return res, cat, miss

if __name__ == "__main__":
    show = int(sys.argv[sys.argv.index("--show") + 1]) if "--show" in sys.argv else 0
    recs = load(sys.argv[1]); answers = [json.loads(l) for l in open(sys.argv[2], encoding="utf8")]
    res, cat, miss = score(recs, answers)
    for k, v in res.items(): print(f"{k:28} {v}")
    if show:
        for c in sorted(cat): print(f"  {c:22} {cat[c]['ok']}/{cat[c]['n']}")
        for m in miss[:show]: print("  ", *m)
