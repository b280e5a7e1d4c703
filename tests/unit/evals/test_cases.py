"""The triage dataset."""

from collections import Counter

import pytest

from evals.cases import DatasetError, load


def test_the_dataset_is_whole():
    """Forty cases, both languages, both verdicts, a good share of them hard."""
    cases = load()
    assert len(cases) == 40
    assert min(Counter(case.language for case in cases).values()) >= 15
    assert min(Counter(case.expected for case in cases).values()) >= 15
    assert sum(case.hard for case in cases) >= 15


def test_every_case_says_why():
    """A verdict without its reason can't be argued with."""
    assert all(len(case.why) > 10 for case in load())


def test_a_bad_line_is_named(tmp_path):
    """A broken case is refused with the file, the line and the field."""
    file = tmp_path / "bad.jsonl"
    file.write_text(load()[0].model_dump_json() + '\n{"id": "x"}\n')
    with pytest.raises(DatasetError, match=r"bad\.jsonl:2: language: Field required"):
        load(file)


def test_an_id_is_taken_once(tmp_path):
    """Two cases of one id would overwrite each other's verdict."""
    file = tmp_path / "twice.jsonl"
    file.write_text(2 * (load()[0].model_dump_json() + "\n"))
    with pytest.raises(DatasetError, match="taken by an earlier case"):
        load(file)
