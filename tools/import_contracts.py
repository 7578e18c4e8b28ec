"""One kind of import contract of our own; pyproject.toml names it."""

from grimp import ImportGraph
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.domain.contract import ContractCheck


class ForbiddenWherePresent(ForbiddenContract):
    """import-linter's forbidden contract, minus modules of ours that do not exist.

    The original stops with an error at the first one, so that a contract could only be written after
    every module it speaks of.
    """

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Leave out what is not there and let the original do the rest."""
        ours = {module.split(".")[0] for module in graph.modules if not graph.is_module_squashed(module)}
        self.source_modules = self._present(self.source_modules, graph, ours)
        self.forbidden_modules = self._present(self.forbidden_modules, graph, ours)
        return super().check(graph, verbose)

    @staticmethod
    def _present(expressions, graph: ImportGraph, ours: set[str]):
        """Keep what exists, and everything that is not ours: the original knows what to do about that."""
        return {
            expression
            for expression in expressions
            if str(expression) in graph.modules or str(expression).split(".")[0] not in ours
        }
