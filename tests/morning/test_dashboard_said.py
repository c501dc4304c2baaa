"""What people say in the dashboard is kept, shown and taken back, and breaks no page."""

import months
from notturno.store import Store
from visitor import text_of

LAST = months.LAST
VIEWS = ("/", "/nights", "/compare", "/diary", "/corrections", "/bands", "/about")
NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"


def test_the_diary_keeps_shows_and_removes_what_was_written(visitor, month):
    given = {"night": LAST, "what": NASTY, "amount": "0,5", "unit": "mg", "at": "22:10"}
    assert visitor.did("/diary", **given, note=NASTY) == "/diary"
    with Store.open(month, create=False) as store:
        entry = next(e for e in store.diary() if e["what"] == NASTY)
    assert (entry["amount"], entry["unit"], entry["at"], entry["note"]) == (
        0.5,
        "mg",
        "22:10",
        NASTY,
    )
    page = visitor.page("/diary")
    assert "alert(1)" in page and "<script>alert" not in page and "<img src" not in page
    assert "0.5 mg" in text_of(page)
    visitor.did("/diary/remove", entry=str(entry["entry_id"]))
    assert "alert(1)" not in visitor.page("/diary")
    for entry_id in ("x", "", "99999999", "1 or 1=1", "9" * 40):
        assert visitor.post("/diary/remove", entry=entry_id).status == 400
    assert visitor.post("/diary", night="tomorrow", what="x").status == 400


def test_the_diary_offers_what_the_table_of_causes_names(here):
    page = here.page("/diary")
    assert '<option value="caffeine">Caffeine</option>' in page
    assert '<option value="lithium">' in page and '<option value="epilepsy">' not in page


def test_a_list_of_stimuli_is_kept_for_its_night(visitor, month):
    given = {"night": LAST, "name": "door", "list": "local,kind\n23:30:00,sound\n23:31:00,sound"}
    visitor.did("/diary/stimuli", **given)
    with Store.open(month, create=False) as store:
        kept = store.stimuli(LAST)
    assert [(one["kind"], one["source"]) for one in kept] == [("sound", "door")] * 2
    assert "2 stimuli (door)" in text_of(visitor.page("/diary"))
    assert visitor.post("/diary/stimuli", night=LAST, list="local\n25:00:00").status == 400
    assert visitor.post("/diary/stimuli", night=LAST, list="").status == 400


def test_a_night_is_corrected_and_the_correction_taken_back(visitor, month):
    def bed():
        with Store.open(month, create=False) as store:
            return store.edits_in_force(LAST, None)

    where = visitor.did("/corrections", night=LAST, bed="23:40", wake="06:00", exclude="guests")
    assert where == f"/corrections?night={LAST}"
    assert (bed()["bed"], bed()["wake"], bed()["exclude"]) == ("23:40", "06:00", "guests")
    page = text_of(visitor.page(where))
    assert "to bed 23:40, up 06:00, left out: guests" in page
    visitor.did("/corrections", night=LAST, include="1")
    assert bed()["exclude"] in ("", None) and bed()["bed"] == "23:40"
    visitor.did("/corrections/undo", night=LAST)
    visitor.did("/corrections/undo", night=LAST)
    assert bed() == dict.fromkeys(bed())
    for wrong in ({"bed": "25:00"}, {"zone": "Mars/Olympus"}, {}, {"night": "x", "bed": "22:00"}):
        assert visitor.post("/corrections", **{"night": LAST} | wrong).status == 400
    assert visitor.post("/corrections", night=LAST, bed="22:00", band="ff").status == 400


def test_a_phase_is_named_ended_and_removed(visitor, month):
    def tags():
        with Store.open(month, create=False) as store:
            return {tag["name"]: tag["last_night"] for tag in store.tags()}

    visitor.did("/compare/phase", do="end", name="clonazepam", last=LAST)
    assert tags()["clonazepam"] == LAST
    visitor.did("/compare/phase", do="add", name=NASTY, first="2026-01-30")
    assert NASTY in tags() and "<script>alert" not in visitor.page("/compare")
    assert "<script>alert" not in visitor.page("/nights")
    visitor.did("/compare/phase", do="remove", name=NASTY)
    assert NASTY not in tags()
    assert visitor.post("/compare/phase", do="add", name="x", first="").status == 400


def test_a_band_is_named_and_its_name_cannot_break_a_page(visitor, month):
    given = {"band": months.DEVICE, "name": NASTY, "limb": "calf", "side": "L"}
    visitor.did("/bands/name", **given)
    for path in (*VIEWS, f"/night/{LAST}/event/1"):
        page = visitor.page(path)
        assert "<script>alert" not in page and "<img src=x" not in page
    assert "alert(1)" in visitor.page("/bands")
    assert visitor.post("/bands/name", **given | {"side": "up"}).status == 400
