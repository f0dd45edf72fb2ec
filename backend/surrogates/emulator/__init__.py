"""The emulator: tables of simulated cases go in, trained predictors of their metrics come out. torch; no Django."""
