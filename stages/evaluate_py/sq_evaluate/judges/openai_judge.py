"""A language model behind the OpenAI API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sq.v1.manifest_pb2 import ModelUsage
from sq.v1.product_pb2 import Product
from sq_evaluate.judge import Case, Judge, Outcome
from sq_evaluate.judges import prompt
from sq_evaluate.judges.kept_pairs import KeptPairs
from sq_evaluate.judges.openai_answer import Answer, Asker, Question, Verdict
from sq_handoff.location import absolute
from sq_llm import Budget, Calls, Endpoint, Limits, PaidModel, Size, kept_answers
from sq_stagekit import Work

_FIELD = "openai.endpoint"
BATCH_SIZE = 10
CONCURRENCY = 8


@dataclass(frozen=True)
class Request:
    """A batch of products of one case.

    Attributes:
        last: true for the last request of its case.
    """

    case: Case
    question: Question
    last: bool

    @property
    def size(self) -> Size:
        # A case without products has one request with none.
        return self.question.size if self.question.products else Size(0, 0)


class OpenAiJudge(Judge):
    """Asks a model. Each call sends a batch of products of one query."""

    def __init__(self, model: PaidModel, budget: Budget, calls: Calls, pairs: KeptPairs, work: Work) -> None:
        config = work.config.openai
        self.name = f"openai/{config.endpoint.model}/{prompt.VERSION}"
        self._batch_size = config.batch_size or BATCH_SIZE
        self._model = model
        self._asker = Asker(model, budget)
        self._calls = calls
        self._pairs = pairs

    @classmethod
    def of(cls, work: Work) -> OpenAiJudge:
        """The judge that the configuration describes.

        Raises:
            InputError: there is no API key, or the budget is in dollars and there is no price.
        """
        endpoint = Endpoint(work.config.openai.endpoint, _FIELD)
        shard, spent = work.shard, _spent_before(work)
        parts = shard.index, shard.count
        reduced = endpoint.reduced_price
        limits = Limits.of(work.config.budget, endpoint.price, *parts, spent=spent, reduced_price=reduced)
        budget = endpoint.budget(limits)
        answers = kept_answers(work.config, work, f"{work.run_id}/{work.market}/{work.shard}")
        work.spend(budget)
        concurrency = work.config.concurrency or CONCURRENCY
        model = PaidModel(endpoint, answers, concurrency=concurrency)
        calls = model.calls(budget, concurrency, work.check_stop)
        # What this run itself paid for is all that the scratch folder has.
        packing = (work.config.openai.batch_size or BATCH_SIZE) if work.config.cache_uri else 1
        pairs = KeptPairs(answers, endpoint, packing, work.run_id)
        return cls(model, budget, calls, pairs, work)

    def judge(self, case: Case) -> list[Outcome]:
        return next(self.judge_all([case]))

    def judge_all(self, cases: Iterable[Case]) -> Iterator[list[Outcome]]:
        """The outcomes of each case, in order. Several calls run at once.

        Raises:
            InputError: the service refuses the key, the model or every request.
            TryAgainError: the service does not answer.
        """
        for case, verdicts in self._pairs.each(cases, self._ask):
            judged = zip(case.products, verdicts, strict=True)
            yield [self._outcome(case, product, verdict) for product, verdict in judged]
        self._model.health.check()

    def _ask(self, cases: Iterable[Case]) -> Iterator[list[Verdict]]:
        """The verdicts about the products of each case, in order."""
        verdicts: list[Verdict] = []
        requests = (request for case in cases for request in self._requests(case))
        for request, answer in self._calls.each(requests, self._answer):
            verdicts += answer.verdicts
            if request.last:
                yield verdicts
                verdicts = []

    def _requests(self, case: Case) -> Iterator[Request]:
        starts = range(0, max(len(case.products), 1), self._batch_size)
        for start in starts:
            products = case.products[start : start + self._batch_size]
            yield Request(case, self._asker.question(case.query, products), start == starts[-1])

    async def _answer(self, request: Request, may_call: bool) -> Answer:
        if not request.question.products:
            return Answer([])
        return await self._asker.answer(request.question, may_call)

    def _outcome(self, case: Case, product: Product, verdict: Verdict) -> Outcome:
        if isinstance(verdict, prompt.Graded):
            return self.judgment(case, product, verdict.grade, verdict.reasons)
        return self.failure(case.query.query_id, product.product_id, verdict.reason, verdict.detail)


def _spent_before(work: Work) -> ModelUsage:
    """What the judgments that this work adds to have cost: both are within one budget."""
    total = ModelUsage()
    for reader in work.inputs["prior"]:
        for item in reader.manifest.provenance.model_usage:
            if absolute(item.uri) == reader.uri:
                total.calls += item.calls
                total.input_tokens += item.input_tokens
                total.output_tokens += item.output_tokens
                total.usd += item.usd
    return total
