"""The list of images: those of the stages, and seven more. Every other list of images derives from this one.

A stage's image is the target `image` in its folder. A folder of stages/ with a stage.textproto is a stage:
//bazel/stages lists them.
"""

load("@stages//:stages.bzl", "STAGES")

# Name of an image to its target.
IMAGES = dict(
    {image: stage + ":image" for stage, image in STAGES.items()},
    **{
        "sq-all": "//release:sq-all",
        "sq-evaluate-pictures": "//stages/evaluate_py:pictures_image",
        "sq-ner": "//libs/ner/py:image",
        "sq-predict": "//stages/predict_py:image",
        "sq-predict-prophet": "//stages/predict_py:prophet_image",
        "sq-train": "//stages/train_py:image",
        "sq-xcom-sidecar": "//deploy/xcom_sidecar:image",
    }
)
