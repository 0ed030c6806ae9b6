"""A stand-in for a model that is shown pictures, and what its judgments tell of them."""

from sq.v1.judgment_pb2 import PictureProblem
from sq_llm_server import LlmServer
from sq_llm_server.answers import answer


class Server(LlmServer):
    """Remembers its requests."""

    def __init__(self):
        self.asked = []
        super().__init__(answer=self._answer)

    def _answer(self, request):
        self.asked.append(request)
        return answer(request)


def judgments(given, output="judging"):
    return [record.judgment for record in given.judging(output) if record.HasField("judgment")]


def problem_name(problem):
    return PictureProblem.Name(problem).removeprefix("PICTURE_PROBLEM_")


def problem_of(judgment):
    return problem_name(judgment.without_picture)
