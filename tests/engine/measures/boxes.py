"""A small building with every class of surface and opening, whose areas can be reckoned by hand."""

from pathlib import Path

from energyplus.models.description import ModelDescription, describe_model

BOX = """
Version,25.2;
Building,Box,0,City,0.04,0.4,FullExterior,25,6;
GlobalGeometryRules,UpperLeftCorner,CounterClockWise,Relative;
Zone,Office,0,0,0,0,1,3;
Zone,Store;
ZoneList,Typical floors,OFFICE;
ZoneGroup,Tower,Typical floors,2;
Material,Stone,Rough,0.2,2,2400,1000;
WindowMaterial:SimpleGlazingSystem,Pane,5.7,0.8;
Construction,Shared,Stone;
Construction,Glass,Pane;

BuildingSurface:Detailed,South,Wall,Shared,Office,,Outdoors,,SunExposed,WindExposed,,4,
  0,0,3, 0,0,0, 10,0,0, 10,0,3;
FenestrationSurface:Detailed,South window,Window,Glass,South,,,,2,4,
  1,0,2.5, 1,0,1, 3,0,1, 3,0,2.5;
FenestrationSurface:Detailed,South door,Door,Shared,south,,,,1,4,
  8,0,2.1, 8,0,0, 9,0,0, 9,0,2.1;
Wall:Exterior,West,Shared,Office,,270,90,0,8,0,8,3;
Window,West window,Glass,West,,1,1,1,2,1;
GlazedDoor,West glass door,Glass,West,,,4,0,1,2;
BuildingSurface:Detailed,Partition,Wall,Shared,Office,,Surface,Other side,NoSun,NoWind,,4,
  10,0,3, 10,0,0, 10,8,0, 10,8,3;
BuildingSurface:Detailed,Other side,Wall,Shared,Store,,Surface,Partition,NoSun,NoWind,,4,
  10,8,3, 10,8,0, 10,0,0, 10,0,3;
Roof,Office roof,Shared,Office,,180,0,0,0,3,10,8;
Window,Skylight,Glass,Office roof,,,1,1,1,1;
Floor:GroundContact,Office floor,Shared,Office,,180,180,0,0,0,10,8;

Wall:Detailed,Gable,Shared,Store,,Outdoors,,SunExposed,WindExposed,,3, 0,0,0, 6,0,0, 3,0,4;
Wall:Detailed,Cellar wall,Shared,Store,,Ground,,NoSun,NoWind,,4, 0,0,0, 0,0,-3, 6,0,-3, 6,0,0;
RoofCeiling:Detailed,Slope,Shared,Store,,Outdoors,,SunExposed,WindExposed,,4, 0,0,3, 6,0,3, 6,4,6, 0,4,6;
RoofCeiling:Detailed,Ceiling below nothing,Shared,Store,,Adiabatic,,NoSun,NoWind,,4, 0,0,3, 6,0,3, 6,4,3, 0,4,3;
Floor:Detailed,Store floor,Shared,Store,,Ground,,NoSun,NoWind,,6, 0,0,0, 0,4,0, 2,4,0, 2,2,0, 6,2,0, 6,0,0;
Floor:Detailed,Overhang,Shared,Store,,Outdoors,,NoSun,WindExposed,,4, 6,0,0, 6,2,0, 8,2,0, 8,0,0;
"""
BOX_AREAS_M2 = {
    # a wall of 10 m x 3 m less two windows of 2 m x 1.5 m and a door of 1 m x 2.1 m; one of 8 m x 3 m less a window of
    # 2 m x 1 m and a glass door of 1 m x 2 m; both in a zone that is there 3 times, in a group that is there twice; and
    # a triangle of 6 m x 4 m
    "exterior_walls": 6 * (30 - 2 * 3 - 2.1) + 6 * (24 - 2 - 2) + 12,
    "roofs": 6 * (80 - 1) + 6 * 5,  # the slope rises 3 m over 4 m: 5 m long
    "ground_floors": 6 * 80 + (6 * 2 + 2 * 2),
    "windows": 6 * (2 * 3 + 2),
    "skylights": 6 * 1,
    "glass_doors": 6 * 2,
}


def describe(text: str, folder: Path) -> ModelDescription:
    """Describe the text of a model."""
    path = folder / "box.idf"
    path.write_text(text, encoding="utf-8")
    return describe_model(path)
