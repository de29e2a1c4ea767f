"""Linear and mixed-integer programs by HiGHS, with its output off.

The HiGHS within scipy prints some lines even with its output off, into the JSON of a command;
`highspy` does not.
"""

from dataclasses import dataclass

import highspy
import numpy as np
from highspy import HighsModelStatus, HighsStatus, HighsVarType, SolutionStatus
from scipy.optimize import Bounds, LinearConstraint
from scipy.sparse import csc_array

from netspatial.arrays import Floats, Mask

_IMPOSSIBLE = (HighsModelStatus.kInfeasible, HighsModelStatus.kUnboundedOrInfeasible)


@dataclass(frozen=True)
class Solution:
    """Result of a mixed-integer program.

    x          : (n,) the best solution, or None where none was found
    value      : its objective; inf where there is none
    bound      : lower bound of the objective; inf where infeasible, -inf where unknown
    proven     : whether x is proven to be optimal within the gap
    impossible : whether the program is proven to be infeasible
    """

    x: Floats | None
    value: float
    bound: float
    proven: bool
    impossible: bool


class _Silent(highspy.Highs):
    """HiGHS without callbacks, which are not used here: enabling them prints a header."""

    def enableCallbacks(self) -> None:  # noqa: N802  HiGHS' own name, called by its constructor
        self.silent()


def milp(
    price: Floats,
    *,
    constraints: LinearConstraint,
    bounds: Bounds,
    whole: Mask,
    seconds: float,
    gap: float,
) -> Solution:
    """Minimise price @ x subject to constraints and bounds, for at most `seconds`.

    whole : (n,) which variables are integers; gap : relative gap at which to stop
    """
    solver = _solver(price, constraints, bounds, whole)
    solver.setOptionValue("time_limit", seconds)
    solver.setOptionValue("mip_rel_gap", gap)
    solver.run()
    status, info = solver.getModelStatus(), solver.getInfo()
    if status in _IMPOSSIBLE:
        return Solution(None, np.inf, np.inf, proven=False, impossible=True)
    proven = status == HighsModelStatus.kOptimal
    found = info.primal_solution_status == SolutionStatus.kSolutionStatusFeasible
    x = np.array(solver.getSolution().col_value) if found else None
    value = info.objective_function_value if found else np.inf
    least = info.mip_dual_bound if whole.any() else value if proven else -np.inf
    return Solution(x, float(value), float(least), proven=proven, impossible=False)


def linear(
    price: Floats, constraints: LinearConstraint, bounds: Bounds, *, presolve: bool = True
) -> tuple[Floats, Floats]:
    """Minimise price @ x; return x (n,) and the dual value of each constraint (m,).

    The dual value is the change of the minimum per unit increase of the constraint's bound. The
    program must have a solution; otherwise an `ArithmeticError` is raised.
    """
    solver = _solver(price, constraints, bounds, np.zeros(len(price), dtype=bool))
    solver.setOptionValue("presolve", "on" if presolve else "off")
    solver.run()
    status = solver.getModelStatus()
    if status != HighsModelStatus.kOptimal:
        raise ArithmeticError(f"a linear program failed: {solver.modelStatusToString(status)}")
    solution = solver.getSolution()
    return np.array(solution.col_value), np.array(solution.row_dual)


def _solver(
    price: Floats, constraints: LinearConstraint, bounds: Bounds, whole: Mask
) -> highspy.Highs:
    matrix = csc_array(constraints.A)
    rows, columns = matrix.shape
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = rows, columns
    model.col_cost_ = price
    model.col_lower_ = np.broadcast_to(bounds.lb, columns).astype(np.float64)
    model.col_upper_ = np.broadcast_to(bounds.ub, columns).astype(np.float64)
    model.row_lower_ = np.broadcast_to(constraints.lb, rows).astype(np.float64)
    model.row_upper_ = np.broadcast_to(constraints.ub, rows).astype(np.float64)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.num_row_, model.a_matrix_.num_col_ = rows, columns
    model.a_matrix_.start_ = matrix.indptr
    model.a_matrix_.index_ = matrix.indices
    model.a_matrix_.value_ = matrix.data
    if whole.any():
        kinds = (HighsVarType.kContinuous, HighsVarType.kInteger)
        model.integrality_ = [kinds[int(one)] for one in whole]
    solver = _Silent()  # type: ignore[no-untyped-call]
    if solver.passModel(model) == HighsStatus.kError:
        raise ArithmeticError("HiGHS refuses the program: its sizes or numbers are invalid.")
    return solver
