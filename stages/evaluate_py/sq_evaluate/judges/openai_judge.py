"""A language model behind the OpenAI API."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sq.v1.judgment_pb2 import PICTURE_PROBLEM_UNSPECIFIED, Canary, Guideline
from sq.v1.manifest_pb2 import ModelUsage
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_evaluate.judge import Case, Judge, Outcome
from sq_evaluate.judges.asked import Asked
from sq_evaluate.judges.document import packs
from sq_evaluate.judges.graded import Graded
from sq_evaluate.judges.guided import Guided, Guidelines, unguided
from sq_evaluate.judges.guideline import GuidelineForm
from sq_evaluate.judges.kept_pairs import KeptPairs
from sq_evaluate.judges.openai_answer import Answer, Asker, Question, Verdict
from sq_evaluate.judges.pictures.choose import pictures_of
from sq_evaluate.judges.pictures.picture import Picture
from sq_evaluate.judges.pictures.source import PictureSource, picture_tokens
from sq_evaluate.judges.rubric import Rubric
from sq_evaluate.judges.rubrics import rubric_of
from sq_evaluate.judges.trials import Trials
from sq_handoff.location import absolute
from sq_llm import Budget, Calls, Endpoint, Limits, PaidModel, Size, kept_answers
from sq_stagekit import Work

_FIELD = "openai"
BATCH_SIZE = 10
CONCURRENCY = 8


@dataclass(frozen=True)
class Request:
    """A pack of products of one case.

    Attributes:
        canary: its verdicts are of a canary, and no judgments.
        last: true for the last request of its case.
    """

    case: Asked
    question: Question
    canary: bool
    last: bool

    @property
    def size(self) -> Size:
        # A case without products has one request with none.
        return self.question.size if self.question.products else Size(0, 0)


class OpenAiJudge(Judge):
    """Asks a model. Each call sends a pack of products of one query."""

    def __init__(
        self,
        model: PaidModel,
        rubric: Rubric,
        budget: Budget,
        calls: Calls,
        pairs: KeptPairs,
        guidelines: GuidelineForm | None,
        pictures: PictureSource | None,
        work: Work,
    ) -> None:
        config = work.config.openai
        prompts = [rubric.prompt, *([guidelines.prompt] if guidelines else [])]
        self.name = "/".join(["openai", config.endpoint.model, *(prompt.name for prompt in prompts)])
        self._batch_size = config.batch_size or BATCH_SIZE
        self._model = model
        self._asker = Asker(model, budget, rubric, picture_tokens(config.pictures))
        self._pictures = pictures
        self._calls = calls
        self._pairs = pairs
        self._guidelines = Guidelines(model, calls, guidelines, self.name) if guidelines else None
        self._trials = Trials(config.canaries, f"{_FIELD}.canaries", work.log)

    @classmethod
    def of(cls, work: Work) -> OpenAiJudge:
        """The judge that the configuration describes.

        Raises:
            InputError: there is no API key, the budget is in dollars and there is no price, or the prompt file cannot
                be used.
        """
        endpoint = Endpoint(work.config.openai.endpoint, f"{_FIELD}.endpoint")
        rubric = rubric_of(work.config.openai, _FIELD)
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
        pairs = KeptPairs(answers, endpoint, rubric, packing, work.run_id)
        guided = work.config.openai.HasField("guideline")
        guidelines = GuidelineForm(work.config.openai, work.market, _FIELD) if guided else None
        pictures = pictures_of(work, _FIELD, answers.tally) if work.config.openai.HasField("pictures") else None
        return cls(model, rubric, budget, calls, pairs, guidelines, pictures, work)

    def survey(self, queries: Iterable[Query]) -> None:
        self._trials.choose(queries)

    def canaries(self) -> Sequence[Canary]:
        return self._trials.canaries()

    def judge(self, case: Case) -> list[Outcome]:
        return next(self.judge_all([case]))

    def judge_all(self, cases: Iterable[Case]) -> Iterator[list[Outcome]]:
        """The outcomes of each case, in order. Several calls run at once.

        Raises:
            InputError: the service refuses the key, the model or every request, or more canaries moved than may.
            TryAgainError: the service does not answer.
        """
        for some in self._guidelines.guided(cases) if self._guidelines else unguided(cases):
            waiting: deque[Guided] = deque()
            for asked, verdicts in self._pairs.each(self._begun(some, waiting), self._ask):
                one = waiting.popleft()
                verdicts = [one.failed] * len(one.case.products) if one.failed else verdicts
                judged = zip(one.case.products, verdicts, strict=True)
                yield [self._outcome(asked, product, verdict) for product, verdict in judged]
        if self._pictures:
            self._pictures.end()
        self._model.health.check()
        self._trials.end()

    def remember(self, guidelines: Iterable[Guideline]) -> None:
        if self._guidelines:
            self._guidelines.remember(guidelines)

    def guideline(self, query_id: str) -> Guideline | None:
        return self._guidelines.take(query_id) if self._guidelines else None

    def _begun(self, some: Iterable[Guided], waiting: deque[Guided]) -> Iterator[Asked]:
        def asked() -> Iterator[Asked]:
            for one in some:
                waiting.append(one)
                yield one.asked

        for one in self._pictures.pictured(asked()) if self._pictures else asked():
            self._trials.begin(one)
            yield one

    def _ask(self, cases: Iterable[Asked]) -> Iterator[list[Verdict]]:
        """The verdicts about the products of each case, in its order."""
        verdicts: dict[str, Verdict] = {}
        requests = (request for case in cases for request in self._requests(case))
        for request, answer in self._calls.each(requests, self._answer):
            products = request.question.products
            self._trials.see(request.case.query, products, answer.verdicts)
            if not request.canary:
                verdicts |= {one.product_id: verdict for one, verdict in zip(products, answer.verdicts, strict=True)}
            if request.last:
                yield [verdicts[product.product_id] for product in request.case.products]
                verdicts = {}

    def _requests(self, case: Asked) -> Iterator[Request]:
        own = list(packs(case.query, case.products, self._batch_size))
        # Judgments first, where the budget is short.
        asked = [*((products, False) for products in own), *((one, True) for one in self._trials.requests(case, own))]
        for number, (products, canary) in enumerate(asked, 1):
            question = self._asker.question(replace(case, products=products))
            yield Request(case, question, canary, last=number == len(asked))

    async def _answer(self, request: Request, may_call: bool) -> Answer:
        if not request.question.products:
            return Answer([])
        return await self._asker.answer(request.question, may_call)

    def _outcome(self, case: Asked, product: Product, verdict: Verdict) -> Outcome:
        if isinstance(verdict, Graded):
            judgment = self.judgment(case, product, verdict.grade, verdict.reasons)
            judgment.facets.extend(verdict.facets)
            if verdict.asked is not None:
                judgment.asked.CopyFrom(verdict.asked)
            shown = case.pictures.get(product.product_id, PICTURE_PROBLEM_UNSPECIFIED)
            if isinstance(shown, Picture):
                judgment.picture = shown.digest
            else:
                judgment.without_picture = shown
            return judgment
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
                total.budget_ended |= item.budget_ended
    return total
