"""A house of one room that can be worked out by hand, and what tests of measures do with it.

The room is 10 m wide (x, east), 6 m deep (y, north) and 3 m high. Its south wall (30 m2) has two windows of 2 m x 1 m
side by side with their lower edge at 1 m, the west wall (18 m2) has a door of 1 m x 2.1 m at its right end, the others
have nothing.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from energyplus.measures.base import MeasureContext, MeasureReport
from energyplus.measures.registry import list_measures
from energyplus.models.case_objects import Value
from energyplus.models.description import ModelDescription, describe_model
from energyplus.models.draft import ModelDraft
from energyplus.models.schema import ENGINE_VERSION

WIDTH, DEPTH, HEIGHT = 10.0, 6.0, 3.0

BOX = """
Version,25.2;
Building,Box,0,Suburbs,0.04,0.4,FullExterior,25,6;
GlobalGeometryRules,UpperLeftCorner,Counterclockwise,Relative,Relative,Relative;
Zone,Room,0,0,0,0;
Material,Plaster,Smooth,0.02,0.5,1200,1000;
Material,Wool,Rough,0.1,0.04,40,900;
Material:NoMass,Board,Rough,2.5;
Material:AirGap,Gap,0.2;
Construction,Wall,Plaster,Wool,Plaster;
Construction,Roof,Board,Plaster;
Construction,Slab,Plaster;
WindowMaterial:SimpleGlazingSystem,Glass,2.8,0.6;
Construction,Glazed,Glass;
Construction,Leaf,Plaster;
BuildingSurface:Detailed,South,Wall,Wall,Room,,Outdoors,,SunExposed,WindExposed,,4,
  0,0,3, 0,0,0, 10,0,0, 10,0,3;
BuildingSurface:Detailed,East,Wall,Wall,Room,,Outdoors,,SunExposed,WindExposed,,4,
  10,0,3, 10,0,0, 10,6,0, 10,6,3;
BuildingSurface:Detailed,North,Wall,Wall,Room,,Outdoors,,SunExposed,WindExposed,,4,
  10,6,3, 10,6,0, 0,6,0, 0,6,3;
BuildingSurface:Detailed,West,Wall,Wall,Room,,Outdoors,,SunExposed,WindExposed,,4,
  0,6,3, 0,6,0, 0,0,0, 0,0,3;
BuildingSurface:Detailed,Top,Roof,Roof,Room,,Outdoors,,SunExposed,WindExposed,,4,
  0,6,3, 0,0,3, 10,0,3, 10,6,3;
BuildingSurface:Detailed,Ground,Floor,Slab,Room,,Ground,,NoSun,NoWind,,4,
  0,0,0, 0,6,0, 10,6,0, 10,0,0;
FenestrationSurface:Detailed,Right,Window,Glazed,South,,,,1,4, 6,0,2, 6,0,1, 8,0,1, 8,0,2;
FenestrationSurface:Detailed,Left,Window,Glazed,South,,,,1,4, 2,0,2, 2,0,1, 4,0,1, 4,0,2;
FenestrationSurface:Detailed,Entrance,Door,Leaf,West,,,,1,4, 0,1,2.1, 0,1,0, 0,0,0, 0,0,2.1;
"""


def describe(text: str, version: str = ENGINE_VERSION) -> ModelDescription:
    """Describe a model of IDF text."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.idf"
        path.write_text(text)
        return describe_model(path, (version,))


def draft_of(text: str = BOX, version: str = ENGINE_VERSION) -> ModelDraft:
    """Begin a draft of IDF text."""
    return ModelDraft(describe(text, version))


def apply(draft: ModelDraft, name: str, value: Value, **arguments: Any) -> MeasureReport:
    """Apply a measure by its name, as a study does."""
    measure = list_measures()[name]
    return measure.apply(draft, value, measure.Arguments.model_validate(arguments), MeasureContext())


def check(draft: ModelDraft, name: str, **arguments: Any) -> list[tuple[str, str]]:
    """Path and message of every problem that a measure finds; notes have "note: " before the message."""
    measure = list_measures()[name]
    found = measure.check(draft, measure.Arguments.model_validate(arguments), MeasureContext())
    return [(problem.path, ("note: " if problem.is_note else "") + problem.message) for problem in found]
