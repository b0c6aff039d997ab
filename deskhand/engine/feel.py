"""FEEL's simple subset -> closures, by recursive descent. No `eval`: a text can reach only the values it is given.

Literals, names and paths, comparison, `and`, `or`, `not()`, arithmetic, ranges, lists, `in`, `between`,
`if then else`, days, times and durations, the functions of `feel_functions`, and the unary tests of decision tables.
Null semantics are FEEL's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from deskhand.engine import feel_values as values
from deskhand.engine.errors import ExpressionInvalid
from deskhand.engine.feel_functions import BUILT_IN
from deskhand.engine.feel_times import PART_NAMES, literal
from deskhand.engine.feel_tokens import Token, tokens, unquoted
from deskhand.engine.feel_values import Function, Interval

Environment = Mapping[str, Any]
Closure = Callable[[Environment], Any]
Test = Callable[[Any, Environment], Any]
_Result = TypeVar("_Result")

DEEPEST = 30
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_BINARY: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": values.add,
    "-": values.subtract,
    "*": values.multiply,
    "/": values.divide,
    "**": values.power,
    "and": values.conjunction,
    "or": values.disjunction,
    "=": values.equal,
    "!=": values.differ,
    "<": lambda left, right: values.compare("<", left, right),
    "<=": lambda left, right: values.compare("<=", left, right),
    ">": lambda left, right: values.compare(">", left, right),
    ">=": lambda left, right: values.compare(">=", left, right),
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled text. `names` are the names it reads, so that a caller knows what an outcome can depend on."""

    text: str
    names: frozenset[str]
    evaluate: Closure

    def __call__(self, environment: Environment) -> Any:
        return self.evaluate(environment)


@dataclass(frozen=True, slots=True)
class UnaryTests:
    """A compiled entry of a decision table, such as `< 10`, `"a","b"` or `-`."""

    text: str
    names: frozenset[str]
    test: Test

    def __call__(self, value: Any, environment: Environment) -> bool:
        return self.test(value, environment) is True


def compile_expression(text: str, names: Collection[str] = ()) -> Expression:
    """Raises ExpressionInvalid, which tells the position."""
    parser = _Parser(text, names)
    closure = parser.whole(parser.expression)
    return Expression(text, frozenset(parser.read), closure)


def compile_tests(text: str, names: Collection[str] = ()) -> UnaryTests:
    """Raises ExpressionInvalid, which tells the position."""
    parser = _Parser(text, names)
    test = parser.whole(parser.tests)
    return UnaryTests(text, frozenset(parser.read - {"?"}), test)


@dataclass(frozen=True, slots=True)
class _Constant:
    value: Any

    def __call__(self, environment: Environment) -> Any:
        return self.value


class _Parser:
    def __init__(self, text: str, names: Collection[str]) -> None:
        self.text = text
        self.tokens = tokens(text, {*names, *BUILT_IN, *PART_NAMES})
        self.at = 0
        self.depth = 0
        self.read: set[str] = set()

    def whole(self, rule: Callable[[], _Result]) -> _Result:
        result = rule()
        if self.token.kind != "end":
            raise self.fault(f"{self.token.text!r} is not expected")
        return result

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def fault(self, message: str) -> ExpressionInvalid:
        return ExpressionInvalid(self.text, self.token.position, message)

    def take(self, *kinds: str) -> Token | None:
        token = self.token
        if token.kind not in kinds:
            return None
        self.at += 1
        return token

    def need(self, *kinds: str) -> Token:
        token = self.take(*kinds)
        if token is None:
            found = repr(self.token.text) if self.token.text else "the end"
            raise self.fault(f"{' or '.join(kinds)} is expected, not {found},")
        return token

    def expression(self) -> Closure:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fault("the expression is nested too deeply")
        result = self.conditional() if self.take("if") else self.disjunction()
        self.depth -= 1
        return result

    def conditional(self) -> Closure:
        condition = self.expression()
        self.need("then")
        one = self.expression()
        self.need("else")
        other = self.expression()
        return lambda env: one(env) if condition(env) is True else other(env)

    def chain(self, operand: Callable[[], Closure], *signs: str) -> Closure:
        left = operand()
        while sign := self.take(*signs):
            left = _binary(sign.kind, left, operand())
        return left

    def disjunction(self) -> Closure:
        return self.chain(self.conjunction, "or")

    def conjunction(self) -> Closure:
        return self.chain(self.comparison, "and")

    def comparison(self) -> Closure:
        left = self.sum()
        if sign := self.take(*_COMPARISONS):
            return _binary(sign.kind, left, self.sum())
        if self.take("between"):
            low = self.sum()
            self.need("and")
            return _within(left, low, self.sum())
        if self.take("in"):
            return _tested(left, self.membership())
        return left

    def sum(self) -> Closure:
        return self.chain(self.product, "+", "-")

    def product(self) -> Closure:
        return self.chain(self.power, "*", "/")

    def power(self) -> Closure:
        return self.chain(self.sign, "**")

    def sign(self) -> Closure:
        negative = False
        while self.take("-"):
            negative = not negative
        operand = self.path()
        if not negative:
            return operand
        return _folded(lambda env: values.negative(operand(env)), operand)

    def path(self) -> Closure:
        result = self.primary()
        while self.take("."):
            result = _member(result, self.need("name").text)
        return result

    def primary(self) -> Closure:
        if token := self.take("number"):
            return _Constant(Decimal(token.text))
        if token := self.take("string"):
            return _Constant(unquoted(token.text))
        if token := self.take("at"):
            return self.literal(token)
        if token := self.take("true", "false", "null"):
            return _Constant({"true": True, "false": False, "null": None}[token.kind])
        if token := self.take("(", "["):
            return self.bracketed(token.kind)
        name = self.need("name", "?").text
        if self.take("("):
            return self.call(name)
        self.read.add(name)
        return lambda env: values.normal(env.get(name))

    def literal(self, token: Token) -> Closure:
        """A day, time, moment or duration such as `@"2026-11-22"`."""
        value = literal(unquoted(token.text[1:]))
        if value is None:
            raise ExpressionInvalid(self.text, token.position, f"{token.text} is no day, time, moment or duration")
        return _Constant(value)

    def call(self, name: str) -> Closure:
        arguments = [] if self.take(")") else self.listed(")")
        if name in BUILT_IN:
            return _built_in(BUILT_IN[name], arguments)
        self.read.add(name)
        return _knowledge(name, arguments)

    def listed(self, close: str) -> list[Closure]:
        items = [self.expression()]
        while self.take(","):
            items.append(self.expression())
        self.need(close)
        return items

    def bracketed(self, opening: str) -> Closure:
        """A parenthesised expression, a list, or a range; the opening bracket is already taken."""
        if opening == "[" and self.take("]"):
            return lambda env: []
        first = self.expression()
        if self.take(".."):
            return self.range(opening == "[", first)
        if opening == "(":
            self.need(")")
            return first
        items = [first, *self.listed("]")] if self.take(",") else [first]
        if len(items) == 1:
            self.need("]")
        return lambda env: [item(env) for item in items]

    def range(self, low_included: bool, low: Closure) -> Closure:
        high = self.expression()
        high_included = self.need("]", ")", "[").kind == "]"
        if isinstance(low, _Constant) and isinstance(high, _Constant):
            return _Constant(Interval(low.value, high.value, low_included, high_included))
        return lambda env: Interval(low(env), high(env), low_included, high_included)

    def membership(self) -> Test:
        """What follows `in`: one test, or several in parentheses."""
        start = self.at
        if self.take("("):
            test = self.alternatives()
            if self.take(")"):
                return test
            self.at = start
        return self.single()

    def tests(self) -> Test:
        if self.token.kind == "-" and self.tokens[self.at + 1].kind == "end":
            self.at += 1
            return lambda value, env: True
        if self.token.text == "not" and self.tokens[self.at + 1].kind == "(":
            self.at += 2
            test = self.alternatives()
            self.need(")")
            return lambda value, env: values.negation(test(value, env))
        return self.alternatives()

    def alternatives(self) -> Test:
        tests = [self.single()]
        while self.take(","):
            tests.append(self.single())
        if len(tests) == 1:
            return tests[0]
        return lambda value, env: any(test(value, env) is True for test in tests)

    def single(self) -> Test:
        if sign := self.take(*_COMPARISONS):
            return _compared(sign.kind, self.sum())
        if self.token.kind == "]":  # a range that is open below: ]1..5]
            self.at += 1
            low = self.expression()
            self.need("..")
            return _criterion(self.range(False, low))
        start = self.at
        closure = self.expression()
        if any(token.kind == "?" for token in self.tokens[start : self.at]):
            return lambda value, env: closure({**env, "?": value})
        return _criterion(closure)


def _folded(closure: Closure, *operands: Closure) -> Closure:
    return _Constant(closure({})) if all(isinstance(each, _Constant) for each in operands) else closure


def _binary(sign: str, left: Closure, right: Closure) -> Closure:
    operation = _BINARY[sign]
    return _folded(lambda env: operation(left(env), right(env)), left, right)


def _member(owner: Closure, name: str) -> Closure:
    return lambda env: values.member(owner(env), name)


def _within(value: Closure, low: Closure, high: Closure) -> Closure:
    return lambda env: Interval(low(env), high(env), True, True).holds(value(env))


def _tested(value: Closure, test: Test) -> Closure:
    return lambda env: test(value(env), env)


def _criterion(closure: Closure) -> Test:
    if isinstance(closure, _Constant):
        return _same(closure.value)
    return lambda value, env: values.passes(value, closure(env))


def _same(wanted: Any) -> Test:
    if isinstance(wanted, str):
        return lambda value, env: value == wanted
    return lambda value, env: values.passes(value, wanted)


def _compared(sign: str, right: Closure) -> Test:
    operation = _BINARY[sign]
    if not isinstance(right, _Constant):
        return lambda value, env: operation(value, right(env))
    limit = right.value
    if sign in values.ORDERINGS and isinstance(limit, Decimal):
        order = values.ORDERINGS[sign]
        return lambda value, env: order(value, limit) if value.__class__ is Decimal else None
    return lambda value, env: operation(value, limit)


def _built_in(function: Callable[..., Any], arguments: list[Closure]) -> Closure:
    def call(env: Environment) -> Any:
        try:
            return function(*(argument(env) for argument in arguments))
        except TypeError:  # the wrong number of arguments is null in FEEL
            return None

    return _folded(call, *arguments)


def _knowledge(name: str, arguments: list[Closure]) -> Closure:
    def call(env: Environment) -> Any:
        function = env.get(name)
        if not isinstance(function, Function) or function.arity != len(arguments):
            return None
        return function.call(*(argument(env) for argument in arguments))

    return call
