import { join } from "node:path";
import type { HostArray } from "../base/host.ts";
import { openingToken, type Tokenizer } from "../data/text/index.ts";
import { type Bound, rows } from "../models/bound.ts";
import { type AnyModel, can } from "../models/contract.ts";
import { spreadPlaces } from "../models/places.ts";
import { textSurprise } from "../models/surprise-text.ts";
import { asSamples } from "../models/uses.ts";
import { key } from "../random/index.ts";
import { writeFileAtomic } from "./files.node.ts";
import { markedPieces, surpriseShare } from "./marked-text.ts";
import { causalityScene } from "./pictures/causality.ts";
import { type Scene, scenePng, sceneSvg } from "./pictures/scene.ts";
import { surpriseScene } from "./pictures/surprise.ts";
import type { ReportPicture, ReportText } from "./report/report.ts";

/** Test examples of a run, with their labels where the model needs them. */
export interface Inspected {
  readonly model: AnyModel;
  readonly on: Bound;
  readonly x: HostArray<"float32">;
  readonly labels?: ArrayLike<number>;
}

/** Draws what a model finds surprising and what its predictions see, where it can say so, into a folder. */
export async function inspectionPictures(given: Inspected, folder: string): Promise<ReportPicture[]> {
  const drawn = [...(await surprises(given)), ...(await causalities(given))];
  return drawn.map(({ name, scene, ...picture }) => {
    writeFileAtomic(join(folder, `${name}.png`), scenePng(scene));
    return { ...picture, alt: scene.name, svg: sceneSvg(scene) };
  });
}

interface Drawn extends Pick<ReportPicture, "title" | "caption" | "broad"> {
  readonly name: string;
  readonly scene: Scene;
}

async function surprises({ model, on, x, labels }: Inspected): Promise<Drawn[]> {
  if (!can(model, "surprise")) return [];
  const { nats } = await model.surprise(on, x, labels ? { labels } : {});
  return [
    {
      name: "surprise",
      title: "Surprise",
      caption:
        "Test examples, each beside −ln p of every pixel given those before it: bright where the model expected something else.",
      broad: true,
      scene: surpriseScene({ images: asSamples(model, x), nats, about: `${model.name}, test examples` }),
    },
  ];
}

/** Examples derivatives are taken at, of binary data and of bytes with their many logits: few, for a report must not take long. */
const [MANY, FEW] = [8, 2];

async function causalities({ model, on, x, labels }: Inspected): Promise<Drawn[]> {
  if (!can(model, "causality")) return [];
  const places = spreadPlaces(model.data.shape);
  const count = Math.min(x.shape[0]!, model.data.values === "binary" ? MANY : FEW);
  const some = labels && { labels: Array.from(labels).slice(0, count) };
  const found = await model.causality(on, rows(x, 0, count), places, { key: key(0), ...some });
  return [
    {
      name: "causality",
      title: "Causality",
      caption:
        "Which pixels the prediction of nine others depends on, by derivatives at test examples; it must never see a pixel that does not come before.",
      scene: causalityScene({ ...found, places, about: `${model.name}, at ${count} test examples` }),
    },
  ];
}

/** Tokens of the test text that a report shows with their surprise. */
const TOKENS = 600;

/** The beginning of a text with the surprise of its tokens as colours, where the model can say it. */
export async function surprisingText(
  model: AnyModel,
  on: Bound,
  tokenizer: Tokenizer,
  text: ArrayLike<number>,
): Promise<ReportText[]> {
  if (!can(model, "surprise") || model.data.boundary !== undefined) return [];
  const tokens = Array.from(text).slice(0, TOKENS);
  const nats = await textSurprise(model, on, tokens, openingToken(tokenizer));
  const pieces = markedPieces(tokenizer, tokens, nats).map(({ text: part, value }) => ({
    text: part,
    share: surpriseShare(value),
    note: `${value.toFixed(2)} nats`,
  }));
  return [
    {
      title:
        "The beginning of the test text: the stronger the colour, the less the model expected it; without, it was more probable than not",
      text: "",
      pieces,
    },
  ];
}
