"""Layouts of the user's own files in the configuration: mistakes, and what they are told."""

from __future__ import annotations

import pytest

from configurations import changed, mistake, pasted
from jetline.configuration.reading import read_configuration
from jetline.jets.layouts.layout import Layout
from jetline.jets.layouts.named import NAMED

FILES = {"source": "files", "paths": ["jets.root"]}
COLUMNS = {"pt": "part_pt", "eta": "part_eta", "phi": "part_phi"}


def told(layout):
    return changed("datasets", "jets", value={**FILES, "layout": layout})


@pytest.mark.parametrize("layout", ["jetclass", {"columns": COLUMNS, "padding": -999}])
def test_a_layout_is_a_name_or_keys_of_ones_own(layout):
    source = read_configuration(told(layout)).datasets["jets"]
    assert isinstance(source.layout, str | Layout)
    assert source.key.startswith("files-")


def test_the_same_layout_has_the_same_key_and_another_another():
    keys = {
        read_configuration(told(layout)).datasets["jets"].key
        for layout in (
            {"columns": COLUMNS},
            {"columns": COLUMNS, "units": "GeV"},
            {"columns": COLUMNS, "units": "MeV"},
        )
    }
    assert len(keys) == 2
    assert read_configuration(changed("datasets", "jets", value=FILES)).datasets["jets"].key == (
        "files"
    )


def test_a_name_that_is_nearly_one_is_corrected():
    error = mistake(told("jetclas"))
    assert error.where == "configuration, datasets.jets.layout"
    assert error.remedy == "did you mean jetclass?"


def test_an_unknown_key_is_told_with_the_nearest():
    error = mistake(told({"columns": COLUMNS, "unit": "MeV"}))
    assert error.where == "configuration, datasets.jets.layout.unit"
    assert error.remedy == "did you mean units?"
    error = mistake(told({"columns": {**COLUMNS, "etta": "x"}}))
    assert error.where == "configuration, datasets.jets.layout.columns.etta"
    assert error.remedy == "did you mean eta?"


@pytest.mark.parametrize(
    "columns",
    [
        {"pt": "a", "phi": "b"},
        {"px": "a", "py": "b"},
        {**COLUMNS, "px": "a", "py": "b", "pz": "c"},
        {**COLUMNS, "rapidity": "y"},
    ],
)
def test_columns_that_are_no_momentum_are_answered_with_some_that_are(columns):
    values = told({"columns": columns})
    error = mistake(values)
    assert error.where == "configuration, datasets.jets.layout"
    assert "`rapidity`" in error.expected or "`px`" in error.expected
    assert "columns" in error.remedy


def test_a_wrong_unit_is_told_those_there_are():
    values = told({"columns": COLUMNS, "units": "TeV"})
    error = mistake(values)
    assert error.where == "configuration, datasets.jets.layout.units"
    assert error.expected.startswith("GeV or MeV")
    assert read_configuration(pasted(error, values)) if error.remedy.startswith("paste") else True


INDEX = {"jets": "nJet", "jet": "Table_jet", "constituent": "Table_candidate"}


def test_a_table_of_jets_is_named_whole():
    source = read_configuration(told({"columns": COLUMNS, "index": INDEX})).datasets["jets"]
    assert source.layout_told == {"columns": COLUMNS, "index": INDEX}
    error = mistake(told({"columns": COLUMNS, "index": {**INDEX, "jets_": "n"}}))
    assert error.where == "configuration, datasets.jets.layout.index.jets_"
    assert error.remedy == "did you mean jets?"
    error = mistake(told({"columns": COLUMNS, "index": {"jets": "nJet", "jet": "Table_jet"}}))
    assert error.where == "configuration, datasets.jets.layout.index.constituent"
    assert "constituent: JetPFCands_pFCandsIdx" in error.remedy
    error = mistake(told({"columns": COLUMNS, "index": INDEX, "mask": "valid"}))
    assert "either `index` or `mask`" in error.expected


def test_other_labels_are_other_than_some_that_are_told():
    error = mistake(told({"columns": COLUMNS, "label": "flavour", "other_labels": "drop"}))
    assert error.where == "configuration, datasets.jets.layout"
    assert "`label_values`" in error.expected


# A named layout with some keys changed

CHANGES = {
    "units": {"base": "jetclass", "units": "MeV"},
    "a label": {"base": "jetclass", "label": "is_top"},
    "a column": {"base": "jetclass", "columns": {"energy": "part_e"}},
    "a column less": {"base": "weaver", "columns": {"pdg_id": None}},
    "no label": {"base": "weaver", "label": None},
    "another form": {
        "base": "atlas-open",
        "columns": {"eta": None, "rapidity": "fjet_clus_y"},
        "carry": [],
    },
    "nothing": {"base": "jetnet"},
    "a table of jets": {"base": "pfnano", "index": INDEX},
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_named_layout_is_changed_in_some_keys_alone(what):
    layout = read_configuration(told(CHANGES[what])).datasets["jets"].layout
    base, changes = NAMED[CHANGES[what]["base"]], dict(CHANGES[what])
    changes.pop("base")
    columns = {**base.columns.model_dump(), **changes.pop("columns", {})}
    expected = {**base.model_dump(), **changes, "columns": columns}
    expected["carry"] = tuple(expected["carry"])
    assert {key: value for key, value in layout.model_dump().items() if key != "base"} == expected


@pytest.mark.parametrize("what", CHANGES)
def test_the_command_is_told_no_more_than_the_configuration(what):
    source = read_configuration(told(CHANGES[what])).datasets["jets"]
    assert source.layout_told == CHANGES[what]
    again = read_configuration(told(source.layout_told)).datasets["jets"]
    assert again.layout == source.layout
    assert again.key == source.key


def test_what_a_base_says_of_its_label_goes_with_the_label():
    changed_label = told({"base": "jetnet", "label": "kind"})
    source = read_configuration(changed_label).datasets["jets"]
    assert source.layout.label_of_file == {}
    assert source.layout_told == {"base": "jetnet", "label": "kind"}


def test_a_base_that_is_nearly_a_name_is_corrected():
    error = mistake(told({"base": "jetclas", "units": "MeV"}))
    assert error.where == "configuration, datasets.jets.layout.base"
    assert error.remedy == "did you mean jetclass?"


def test_columns_that_do_not_go_with_those_of_the_base_are_told_so():
    values = told({"base": "jetclass", "columns": {"pt": "part_pt"}})
    error = mistake(values)
    assert error.where == "configuration, datasets.jets.layout"
    assert error.found == '{"base": "jetclass", "columns": {"pt": "part_pt"}}'
    assert "either `px`" in error.expected
    assert "null" in error.remedy


def test_a_layout_without_columns_or_base_is_told_what_to_write():
    error = mistake(told({"units": "MeV"}))
    assert error.where == "configuration, datasets.jets.layout.columns"
    assert "columns: {pt: part_pt" in error.remedy
