"""Flags over environment over file over defaults: the effective value of every option, and where it came from."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, create_model
from pydantic_settings import BaseSettings, EnvSettingsSource, InitSettingsSource, NoDecode, PydanticBaseSettingsSource
from pydantic_settings import SettingsConfigDict as Config

from rocketchat_contract.config import Rate, did_you_mean, parsed_duration
from rocketchat_contract.config.option import PREFIX, TELLS, Option
from rocketchat_contract.config.options import BY_FIELD, CONFIG_FILE, OPTIONS
from rocketchat_contract.errors import UsageError
from rocketchat_contract.inputs.bounded import FileKind, read_toml


@dataclass(frozen=True)
class Loaded:
    """The effective values by field, and where each came from: a flag, a variable, a file, or the default."""

    values: Mapping[str, Any]
    origins: Mapping[str, str]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def named(self, name: str) -> str:
        """A value with its origin, for an error's sentence."""
        value = self.values[name]
        text = " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        return f"{name.replace('_', '-')}={text}{self.place(name)}"

    def place(self, name: str) -> str:
        """Where a value came from, as the end of a sentence; empty where that says nothing."""
        return _placed(self.origins[name])


def _placed(origin: str) -> str:
    """An origin as the end of a sentence."""
    return f" ({origin})" if origin else ""


def load(
    flags: Mapping[str, Any],
    environment: Mapping[str, str] = os.environ,
    file: Path | None = None,
    *,
    tells_origins: bool = True,
) -> Loaded:
    """Lay the sources over each other. ``file`` None means ``rocketchat-contract.toml`` here, if there is one.

    Flags that are None or empty were not given. Raises ``UsageError`` for what nobody understands; without
    ``tells_origins`` it names no origin, for whoever knows it better.
    """
    path = file or Path(CONFIG_FILE)
    in_file = _read(path) if file is not None or path.is_file() else {}
    given = {name: value for name, value in flags.items() if value not in (None, (), False)}
    _refuse_misspelt(environment)
    layers = {"flag": given, "environment": _environment(environment), "file": in_file}
    origins = {option.field: _origin(option, layers, path) if tells_origins else "" for option in OPTIONS}
    try:
        make: Callable[..., BaseSettings] = _settings_class()
        settings = make(**{f"from_{name}": layer for name, layer in layers.items()})
    except ValidationError as error:
        raise _refused(error, origins) from None
    return Loaded({option.field: getattr(settings, option.field) for option in OPTIONS}, origins)


def _origin(option: Option, layers: Mapping[str, Mapping[str, Any]], path: Path) -> str:
    names = {
        "flag": "argument URL" if option.name == "target" else f"flag --{option.name}",
        "environment": f"environment {option.variable}",
        "file": f"file {path}",
    }
    return next((names[place] for place, layer in layers.items() if option.field in layer), "default")


def _environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """The variables as pydantic-settings reads them; an empty one counts as not set."""
    wanted = {option.variable.lower(): option for option in OPTIONS if "environment" in option.places}
    source = EnvSettingsSource(_settings_class(), env_prefix=PREFIX, env_ignore_empty=True)
    source.env_vars = {
        name.lower(): value for name, value in environment.items() if name.lower() in wanted and value != ""
    }
    return {name: value for name, value in source().items() if value is not None}


def _read(path: Path) -> dict[str, Any]:
    content = read_toml(path, FileKind("The file", "Name another with --config, or fix it.", names_files=True))
    known = {option.name: option for option in OPTIONS if "file" in option.places}
    values = {}
    for key, value in content.items():
        option = known.get(key.replace("_", "-"))
        if option is None:
            raise UsageError(f"The file {path} has an unknown key {key!r}.", did_you_mean(key, known, "The keys are"))
        values[option.field] = value
    return values


def _refuse_misspelt(environment: Mapping[str, str]) -> None:
    """A variable that is nearly one of ours is a mistake; others with our prefix may be anybody's."""
    known = {option.variable for option in OPTIONS if "environment" in option.places}
    for name in environment:
        if name.startswith(PREFIX) and name not in known:
            hint = did_you_mean(name, known, "")
            if hint.startswith("Did you mean"):
                raise UsageError(f"The environment has an unknown variable {name}.", hint)


def _refused(error: ValidationError, origins: Mapping[str, str]) -> UsageError:
    first = error.errors()[0]
    option = BY_FIELD[str(first["loc"][0])]
    given = "a value" if option.secret else repr(first["input"])
    place = _placed(origins[option.field])
    if option.choices and isinstance(first["input"], str):
        next_step = did_you_mean(first["input"], option.choices, f"Values of {option.name} are")
        return UsageError(f"There is no {option.name} {given}{place}.", next_step)
    wanted = TELLS[option.kind] + _bounds(option)
    problem = f"Expected {wanted} for {option.name}, got {given}{place}."
    return UsageError(problem, f"Write for instance {option.name} {option.example or 'true'}.")


def _bounds(option: Option) -> str:
    """The least and the most of an option's value, as the end of a sentence."""
    bounds = [f"at least {option.least:g}"] if option.least is not None else []
    bounds += [f"at most {option.most:g}"] if option.most is not None else []
    return f" of {' and '.join(bounds)}" if bounds else ""


def _lines(value: Any) -> Any:
    """A list of texts: a list, or a text with one on each line."""
    return tuple(line for line in value.splitlines() if line.strip()) if isinstance(value, str) else value


def _chosen(choices: tuple[str, ...]) -> Any:
    def check(value: Any) -> Any:
        if value is not None and value not in choices:
            raise ValueError(value)
        return value

    return BeforeValidator(check)


def _type(option: Option) -> Any:
    bounds = Field(ge=option.least, le=option.most)
    types: dict[str, Any] = {
        "text": str,
        "path": Path,
        "number": Annotated[float, bounds],
        "whole": Annotated[int, bounds],
        "rate": Annotated[Rate, BeforeValidator(lambda text: Rate.parse(str(text)))],
        "duration": Annotated[float, BeforeValidator(lambda text: parsed_duration(str(text)))],
        "switch": bool,
        "texts": Annotated[tuple[str, ...], NoDecode, BeforeValidator(_lines)],
    }
    kind = types[option.kind]
    return Annotated[kind, _chosen(option.choices)] if option.choices else kind


class _Base(BaseSettings):
    model_config = Config(env_prefix=PREFIX, extra="ignore", validate_default=True, arbitrary_types_allowed=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - read apart, so that its origin is known
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then environment, then file."""
        given = init_settings()
        places = ("flag", "environment", "file")
        return tuple(InitSettingsSource(settings_cls, given[f"from_{place}"]) for place in places)


@cache
def _settings_class() -> type[BaseSettings]:
    fields: dict[str, Any] = {}
    for option in OPTIONS:
        if option.kind == "texts":
            fields[option.field] = (_type(option), ())
        elif option.default is None:
            fields[option.field] = (_type(option) | None, None)
        else:
            fields[option.field] = (_type(option), option.default)
    return create_model("Settings", __base__=_Base, **fields)
