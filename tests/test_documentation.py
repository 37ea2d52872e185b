"""What an editor shows is there: every public name is documented and typed, and so is every parameter of it."""

import ast
import inspect
import re
from pathlib import Path

import pytest

import riffkit

PACKAGE = Path(riffkit.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__main__.py")
QUANTITIES = re.compile(r"ndarray|Tensor")  # in annotations: what has a shape
UNITS = re.compile(
    r"shape|\[[^\]]*\b(s|ms|Hz|dB|bpm|samples|columns|rows|timesteps|cells)\b|seconds|hertz|\bHz\b|\bs\]"
)
IN_SECONDS_OR_HERTZ = re.compile(r"(^|_)(s|seconds|duration|hz|hertz|fmin|fmax|rate|sample_rate|bpm|hop|times?)$")


def functions(tree, prefix=""):
    """Public functions and methods of a syntax tree as (name, node, class or None), constructors included."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield f"{prefix}{node.name}", node, None
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for child in node.body:
                if isinstance(child, ast.FunctionDef) and (child.name == "__init__" or not child.name.startswith("_")):
                    yield f"{prefix}{node.name}.{child.name}", child, node


def parameters(node, owner):
    """Names of a function's parameters, without self and cls."""
    arguments = node.args
    found = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    found += [one for one in (arguments.vararg, arguments.kwarg) if one]
    decorators = {getattr(getattr(one, "func", one), "id", "") for one in node.decorator_list}
    if "takes_options" in decorators:  # a method of Riffer, whose options are described when it is decorated
        found = [one for one in found if one.arg not in ("riffer", "options")]
    return found[0 if owner is None or "staticmethod" in decorators else 1 :]


def everything():
    for path in MODULES:
        for name, node, owner in functions(ast.parse(path.read_text(encoding="utf-8"))):
            yield f"{path.relative_to(PACKAGE)}:{name}", node, owner


def docstring_of(node, owner):
    """A function's docstring; of a constructor that of its class."""
    return ast.get_docstring(owner if node.name == "__init__" else node) or ""


def overload(node):
    return any(getattr(one, "id", getattr(one, "attr", "")) in ("overload", "setter") for one in node.decorator_list)


def test_every_public_name_has_a_docstring():
    missing = []
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
        missing += [f"{path.name}:{node.name}" for node in classes if not ast.get_docstring(node)]
    missing += [name for name, node, owner in everything() if not docstring_of(node, owner) and not overload(node)]
    assert missing == []


def test_every_public_function_is_annotated():
    missing = []
    for name, node, owner in everything():
        missing += [f"{name}({one.arg})" for one in parameters(node, owner) if one.annotation is None]
        missing += [] if node.returns is not None else [f"{name} -> ?"]
    assert missing == []


def test_parameters_are_named_in_their_docstring():
    total, missing = 0, []
    for name, node, owner in everything():
        text = docstring_of(node, owner)
        for one in parameters(node, owner):
            total += not overload(node)
            if not overload(node) and not re.search(rf"(?<!\w){re.escape(one.arg)}(?!\w)", text):
                missing.append(f"{name}({one.arg})")
    share = 1 - len(missing) / total
    assert share >= 0.95, f"{share:.1%} of {total} are named; not: {', '.join(missing[:200])}"


def test_arrays_and_quantities_say_their_shape_or_unit():
    total, missing = 0, []
    for name, node, owner in everything():
        named = [(one.arg, ast.unparse(one.annotation) if one.annotation else "") for one in parameters(node, owner)]
        returned = ast.unparse(node.returns) if node.returns is not None else ""
        measured = any(QUANTITIES.search(hint) or IN_SECONDS_OR_HERTZ.search(arg) for arg, hint in named)
        if measured or QUANTITIES.search(returned):
            total += 1
            missing += [] if UNITS.search(docstring_of(node, owner)) else [name]
    share = 1 - len(missing) / total
    assert share >= 0.6, f"{share:.1%} of {total} say it; not: {', '.join(missing[:100])}"


WAYS = ("riff", "story", "vary", "inpaint", "extend", "interpolate", "walk", "plane", "stream")


@pytest.mark.parametrize("way", WAYS)
def test_help_shows_every_parameter_with_its_meaning(way):
    function = getattr(riffkit.Riffer, way)
    names = list(inspect.signature(function).parameters)
    assert {"num_inference_steps", "guidance_scale", "scheduler", "quality"} < set(names) and "options" not in names
    described = re.findall(r"^(\w[\w, ]*) : ", inspect.getdoc(function), re.MULTILINE)
    assert {name for line in described for name in line.split(", ")} == set(names[1:])


def test_top_level_functions_describe_every_parameter():
    for name in riffkit.__all__:
        value = getattr(riffkit, name)
        if not callable(value) or (inspect.isclass(value) and issubclass(value, Exception)):
            continue
        text = inspect.getdoc(value) + "\n" + (inspect.getdoc(value.__init__) if inspect.isclass(value) else "")
        described = " ".join(re.findall(r"^[*\w][*\w, ]* : ?|^\*\*\w+$", text, re.MULTILINE))
        for parameter in inspect.signature(value).parameters:
            assert re.search(rf"\b{parameter}\b", described), f"riffkit.{name}: {parameter} is not described"


def test_the_stub_names_what_the_package_loads():
    stub = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    told = {alias.asname: node.module for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert told == {**riffkit._HOME_OF, **dict.fromkeys(riffkit._ROOMS, "riffkit")}
    assert (PACKAGE / "py.typed").exists()
