"""What each market of a run will ask its model, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sq.v1.evaluate_config_pb2 import OpenAiJudge
from sq.v1.manifest_pb2 import ModelUsage
from sq.v1.run_config_pb2 import MarketConfig, RunConfig
from sq.v1.source_pb2 import CALL_MODE_PLAIN, OpenAiEndpoint
from sq_cli.money.estimate import Estimate, Rates, estimates, measured
from sq_cli.money.guidelines import Guided, guided
from sq_cli.money.pairs import Found, pairs_to_judge
from sq_cli.money.prices import Prices
from sq_cli.money.requests import Requests, every_pair, kept_in, left_in, nothing_kept, requests_for
from sq_cli.paid_models import paid_judge
from sq_cli.plan import Task
from sq_evaluate.judges.asked import Asked
from sq_evaluate.judges.cascade import FirstJudge
from sq_evaluate.judges.guideline import GuidelineForm
from sq_evaluate.judges.openai_judge import BATCH_SIZE, CONCURRENCY
from sq_evaluate.judges.pictures.source import picture_tokens, planned_pictures
from sq_evaluate.judges.rubrics import rubric_of
from sq_evaluate.judges.trials import canary_share
from sq_llm import Endpoint, PaidAnswers, place_at
from sq_llm.endpoint import mode_of

# Stages that make what evaluate judges. None of them needs judgments.
BEFORE = ("generate", "diagnose", "retrieve", "probe-retrieve")
_JUDGING = {"evaluate", "probe-evaluate"}


@dataclass(frozen=True)
class PaidMarket:
    """A market whose judge is paid, alone or in a cascade.

    Attributes:
        field: path of the judge in the configuration.
    """

    config: MarketConfig
    field: str
    judge: OpenAiJudge

    @property
    def name(self) -> str:
        return self.config.market

    @property
    def packing(self) -> int:
        """Products in one request."""
        return self.judge.batch_size or BATCH_SIZE

    @property
    def mode(self) -> str:
        """The mode in which the run asks: plain, flex or batch."""
        return mode_of(self.judge.endpoint)

    def endpoint(self) -> Endpoint:
        """Makes the run's requests, which are the same in every mode. Raises InputError if there is no API key."""
        config = OpenAiEndpoint()
        config.CopyFrom(self.judge.endpoint)
        # A plan looks into the store of answers alone, and for no batch.
        config.mode = CALL_MODE_PLAIN
        return Endpoint(config, f"{self.field}.endpoint")

    def used(self, usage: Sequence[ModelUsage]) -> list[ModelUsage]:
        """The judge's part of a run's usage, without translation and other paid work."""
        return [item for item in usage if item.market == self.name and _JUDGING & set(item.uri.split("/"))]

    def asked(self, tasks: Sequence[Task]) -> list[Asked]:
        """The pairs that the paid judge is asked about, from the artefacts of the market's tasks.

        Raises:
            ArtefactError: one is missing.
        """
        outputs = [
            [task.output for task in tasks if (task.market, task.key[1]) == (self.name, node)] for node in BEFORE
        ]
        asked = list(pairs_to_judge(self.config.evaluate, Found(*outputs)))
        if not self.config.evaluate.HasField("cascade"):
            return asked
        first = FirstJudge.of(self.config.evaluate.cascade)
        language = next((one.query.language for one in asked), "en")
        first.judge.learn({p.product_id: p for one in asked for p in one.products}.values(), language)
        left = (first.unsure(one) for one in asked)
        return [Asked(case.query, case.products) for case in left]

    def requests(self, asked: Sequence[Asked]) -> Requests:
        """Its requests as if no answer were stored."""
        rubric, share = rubric_of(self.judge, self.field), canary_share(self.judge.canaries)
        endpoint = self.endpoint()
        shown = self._guided(asked, endpoint)
        return requests_for(
            shown.asked,
            endpoint,
            rubric,
            self.packing,
            nothing_kept,
            canary_share=share,
            guidelines=shown.new,
            picture_tokens=picture_tokens(self.judge.pictures),
        )

    def _guided(self, asked: Sequence[Asked], endpoint: Endpoint, answers: PaidAnswers | None = None) -> Guided:
        wanted = self.judge.HasField("guideline")
        form = GuidelineForm(self.judge, self.name, self.field) if wanted else None
        shown = guided(asked, endpoint, form, answers)
        if not self.judge.HasField("pictures"):
            return shown
        return replace(shown, asked=list(planned_pictures(shown.asked, self.judge.pictures)))

    def rates(self, asked: Sequence[Asked], usage: Sequence[ModelUsage], run_id: str, rates: Rates) -> Rates:
        """The rates that a run's bill shows for this market."""
        return measured(self.requests(asked), self.used(usage), run_id, rates)

    def plan(self, asked: Sequence[Asked], prices: Prices, rates: Rates) -> Iterator[Estimate]:
        """Estimates by packing and mode: as configured first, then one product a request.

        Raises:
            InputError: the model has no price, there is no API key, or the prompt file cannot be used.
        """
        config, endpoint = self.config.evaluate, self.endpoint()
        rubric, share = rubric_of(self.judge, self.field), canary_share(self.judge.canaries)
        by_mode = prices.of(self.judge.endpoint, f"market {self.name}: {self.field}.endpoint")
        answers, kept = None, nothing_kept
        if config.cache_uri:
            place = place_at(config.cache_uri, config.cache, f"market {self.name}: evaluate.")
            answers = PaidAnswers(place, buyer="plan")
            kept = kept_in(answers, endpoint)
        shown = self._guided(asked, endpoint, answers)
        for packing in dict.fromkeys((self.packing, 1)):
            left = left_in(answers, endpoint, rubric, packing) if answers else every_pair
            tokens = picture_tokens(self.judge.pictures)
            requests = requests_for(shown.asked, endpoint, rubric, packing, kept, left, share, shown.new, tokens)
            concurrency = config.concurrency or CONCURRENCY
            yield from estimates(self.name, endpoint.model, by_mode, requests, rates, concurrency, self.mode)


def paying_markets(config: RunConfig) -> list[PaidMarket]:
    """Markets whose judge is a paid model."""
    return [PaidMarket(market, *judge) for market in config.markets if (judge := paid_judge(market.evaluate))]
