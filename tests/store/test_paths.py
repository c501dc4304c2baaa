"""Whose folder it is, and that asking for it makes none."""

import os

import pytest
from notturno.errors import UserError
from notturno.paths import ENVIRONMENT_VARIABLE, MAX_NAME, data_dir


def test_the_option_stands_above_the_environment_and_that_above_the_platform(
    tmp_path, monkeypatch
):
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path / "environment"))
    assert data_dir(create=False) == tmp_path / "environment"
    assert data_dir(tmp_path / "option", create=False) == tmp_path / "option"
    assert data_dir(person=" anna ", create=False) == tmp_path / "environment" / "people" / "anna"
    assert data_dir(demo=True, create=False) == tmp_path / "environment" / "demo"
    assert list(tmp_path.iterdir()) == []
    assert data_dir(tmp_path / "option", person="anna").is_dir()
    for contradiction in ({"person": "anna"}, {"option": tmp_path}):
        with pytest.raises(UserError, match="not both"):
            data_dir(demo=True, **contradiction)


@pytest.mark.parametrize(
    "name", ["anna", "Anna Bianchi", "o'neil", "母", "a.b", "é" * (MAX_NAME // 2)]
)
def test_names_of_people_are_names_of_folders(tmp_path, name):
    assert data_dir(tmp_path, person=name).parent == tmp_path / "people"


@pytest.mark.parametrize(
    "name",
    ["", " ", ".", "..", "../other", "a/b", "a\\b", "/etc", "c:", "a\0b", "a\nb", ".hidden", "a."]
    + ["a*", "x" * (MAX_NAME + 1), "é" * MAX_NAME],
)
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    with pytest.raises(UserError, match="no name for a person"):
        data_dir(tmp_path, person=name)
    assert os.listdir(tmp_path) == []
