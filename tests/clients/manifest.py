# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Checks manifests against the schema of Kubernetes: manifest.py FILE

The schema is that of Debian's python3-kubernetes, whose models are made from the OpenAPI description
of Kubernetes. Prints the manifests as JSON.
"""
import importlib
import importlib.machinery
import json
import sys
import types

import yaml

PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float)}


def load_models():
    """Returns the models alone: the rest of the package imports much more."""
    paths = importlib.machinery.PathFinder.find_spec("kubernetes").submodule_search_locations
    for name, path in (("kubernetes", list(paths)),
                       ("kubernetes.client", [f"{p}/client" for p in paths])):
        package = types.ModuleType(name)
        package.__path__ = path
        sys.modules[name] = package
    return importlib.import_module("kubernetes.client.models")


class Checker:
    """Builds the models of a manifest. A model refuses to lack what is required."""

    def __init__(self, models):
        self.models = models

    def build(self, value, kind, at):
        if kind in PLAIN:
            if not isinstance(value, PLAIN[kind]):
                sys.exit(f"{at}: {value!r} is no {kind}")
            return value
        if kind == "object":
            return value
        if kind.startswith("list["):
            return [self.build(item, kind[5:-1], f"{at}[{n}]") for n, item in enumerate(value)]
        if kind.startswith("dict("):
            inner = kind[5:-1].split(", ")[1]
            return {key: self.build(item, inner, f"{at}.{key}") for key, item in value.items()}
        return self.build_model(value, getattr(self.models, kind), at)

    def build_model(self, value, model, at):
        attributes = {key: name for name, key in model.attribute_map.items()}
        unknown = set(value) - set(attributes)
        if unknown:
            sys.exit(f"{at}: unknown {', '.join(sorted(unknown))}")
        members = {attributes[key]: self.build(item, model.openapi_types[attributes[key]],
                                               f"{at}.{key}")
                   for key, item in value.items()}
        try:
            return model(**members)
        except ValueError as error:
            sys.exit(f"{at}: {error}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        manifests = list(yaml.safe_load_all(file))
    checker = Checker(load_models())
    for manifest in manifests:
        checker.build(manifest, f"V1{manifest['kind']}", manifest["kind"])
    json.dump(manifests, sys.stdout)


main()
