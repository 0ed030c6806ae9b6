"""Chooses the translator."""

from __future__ import annotations

from sq.v1.generate_config_pb2 import GenerateConfig
from sq_generate.translate.glossary import Glossary
from sq_generate.translate.openai_translator import OpenAiTranslator, Surroundings
from sq_generate.translate.translator import Copy, Translator
from sq_llm import kept_answers
from sq_stagekit import Work


def translator_for(config: GenerateConfig, work: Work) -> Translator:
    """The configured translator.

    Raises:
        InputError: its glossary, key or cache cannot be used.
        NotImplementedError: the method is in the contract, but not here.
    """
    match config.translation.WhichOneof("method"):
        case None:
            return Copy()
        case "glossary":
            return Glossary.read(config.translation.glossary.uri, config.source_language)
        case "openai":
            return _openai(config, work)
        case method:
            raise NotImplementedError(f"Translation.{method} has no translator: add it to translator_for")


def _openai(config: GenerateConfig, work: Work) -> Translator:
    surroundings = Surroundings(
        answers=kept_answers(config.translation, work, f"{work.run_id}/{work.market}", "translation."),
        check_stop=work.check_stop,
        progress=lambda done, total: work.progress(done, total, unit="calls"),
        spend=work.spend,
    )
    languages = config.source_language, config.target_language
    return OpenAiTranslator(config.translation.openai, *languages, surroundings)
