/** One file of a published data set. */
export interface CatalogueFile {
  /** Path below the data folder. */
  readonly path: string;
  /** Size of the file as it is downloaded; a mirror may compress it a little differently. */
  readonly bytes: number;
  /** SHA-256 of the content, after gunzip when the file is gzip (of the file itself when `packed`). */
  readonly sha256: string;
  readonly packed?: true;
  /** Where to fetch it, in order; the checksum judges what arrives. */
  readonly urls: readonly string[];
  /** Read when present, never demanded. */
  readonly optional?: true;
  /** Path of a file with the same content in another form; when that one is present, this one is not needed. */
  readonly same?: string;
}

/** Which loader turns the files of a set into splits. */
export type Layout = "idx" | "binarized" | "cifar" | "faces" | "omniglot" | "optdigits" | "density" | "table" | "text";

/** A published data set that is known by name. */
export interface CatalogueEntry {
  readonly name: string;
  readonly title: string;
  readonly layout: Layout;
  readonly licence: string;
  readonly files: readonly CatalogueFile[];
}

const density = "https://raw.githubusercontent.com/UCLA-StarAI/Density-Estimation-Datasets/master/datasets";
const brownlee = "https://raw.githubusercontent.com/jbrownlee/Datasets/master";
const uci = "https://archive.ics.uci.edu/ml/machine-learning-databases";

const last = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** Mirrors that keep the file's own name. */
function at(...folders: string[]): (path: string) => string[] {
  return (path) => folders.map((folder) => `${folder}/${last(path)}`);
}

/** A file from each line of checksum, size and path; `?` before the path marks an optional one. */
function files(lines: string, urls: (path: string) => string[] = () => []): CatalogueFile[] {
  return lines
    .trim()
    .split("\n")
    .map((line) => {
      const [sha256, bytes, marked] = line.trim().split(" ") as [string, string, string];
      const path = marked.replace("?", "");
      const file = { path, bytes: Number(bytes), sha256, urls: urls(path) };
      return marked === path ? file : { ...file, optional: true };
    });
}

function densitySet(name: string, title: string, lines: string): CatalogueEntry {
  const urls = (path: string) => [`${density}/${name}/${last(path).replace(".csv.gz", ".data")}`];
  return { name, title, layout: "density", licence: unstated, files: files(lines, urls) };
}

const karpathy = "https://raw.githubusercontent.com/karpathy";

function text(name: string, title: string, licence: string, line: string, url: string): CatalogueEntry {
  return { name, title, layout: "text", licence, files: files(line, () => [url]) };
}

function table(name: string, title: string, line: string, ...urls: string[]): CatalogueEntry {
  return { name, title, layout: "table", licence: "terms of the UCI repository", files: files(line, () => urls) };
}

const unstated = "no licence is stated with the release";

/** Every data set known by name, besides those that are generated. */
export const catalogue: readonly CatalogueEntry[] = [
  {
    name: "mnist",
    title: "MNIST handwritten digits, grey 28x28",
    layout: "idx",
    licence: unstated,
    files: files(
      `
      ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db 9630610 mnist/train-images-idx3-ubyte.gz
      65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5 28881 mnist/train-labels-idx1-ubyte.gz
      0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7 1648877 mnist/t10k-images-idx3-ubyte.gz
      ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2 4542 mnist/t10k-labels-idx1-ubyte.gz`,
      at("https://ossci-datasets.s3.amazonaws.com/mnist", "https://storage.googleapis.com/cvdf-datasets/mnist"),
    ),
  },
  {
    name: "mnist-binarized",
    title: "MNIST binarised once (Larochelle and Murray 2011), 28x28",
    layout: "binarized",
    licence: unstated,
    files: [
      ...files(`
      0eae7dff54784fdce12433da8ed5d8549d4676c91740d78aa0b18fa99a8b96f2 1844294 ?mnist-binarized/binarized-mnist-train.idx3.gz
      1b017d51bf2733a6cbde62f26dd36be91c88ab4e95f8de9cdafadcb26fe9a852 368995 ?mnist-binarized/binarized-mnist-valid.idx3.gz
      491785121c5ff9ffb073809cd7c755a241b9e04052f1cf2ec7c9608a9346e097 349419 ?mnist-binarized/binarized-mnist-test.idx3.gz
      43df759b065ad40632e55891d54cbfa775321eda0193f98b93e9ec16fedc8e69 24735 ?mnist-binarized/derived-labels-train.idx1.gz
      6cddc2e8f6ee2aab9ee1746fef7c50fc6ed8005b5d21d8904576edacb585cb90 5079 ?mnist-binarized/derived-labels-valid.idx1.gz
      c18731ff44bb10955e3c4e028661c4560af717aff767d5774429cc347b0d1fe6 73 ?mnist-binarized/derived-labels-test.idx1.gz`),
      ...files(
        `
      ad693b29f94c14277b095f5238ddefbbdaaae0939789dd2f4f0205278cee3e4d 78400000 mnist-binarized/binarized_mnist_train.amat
      1de3d397c40fe8eeb33dafd4099a1f665ec01e96d9be234aaeeac8a34930e2e2 15680000 mnist-binarized/binarized_mnist_valid.amat
      e6687bfea3f820c174f33b7865140b2a2dd2930ef786f35d45795fc193b5ab2c 15680000 mnist-binarized/binarized_mnist_test.amat`,
        at(
          "https://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist",
          "http://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist",
        ),
      ).map((file) => ({
        ...file,
        same: file.path.replace(/binarized_mnist_(.*)\.amat/, "binarized-mnist-$1.idx3.gz"),
      })),
    ],
  },
  {
    name: "fashion-mnist",
    title: "Fashion-MNIST clothing, grey 28x28",
    layout: "idx",
    licence: "MIT",
    files: files(
      `
      c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888 26192508 fashion-mnist/train-images-idx3-ubyte.gz
      bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9 29515 fashion-mnist/train-labels-idx1-ubyte.gz
      5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b 4383619 fashion-mnist/t10k-images-idx3-ubyte.gz
      0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34 5148 fashion-mnist/t10k-labels-idx1-ubyte.gz`,
      at(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion",
      ),
    ),
  },
  {
    name: "cifar10",
    title: "CIFAR-10 photographs, colour 32x32",
    layout: "cifar",
    licence: unstated,
    files: [
      ...files(
        `
      c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd 170052171 cifar10/cifar-10-binary.tar.gz`,
        at("https://www.cs.toronto.edu/~kriz", "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10"),
      ).map((file) => ({ ...file, packed: true as const })),
      ...files(`
      cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5 28230024 ?cifar10/data_batch_1.bin.gz
      8314c96d7cd65618193bab23acdd5d4c4af15bf6dd00a1781d55beedf3be1ef5 2825834 ?cifar10/test_batch_first1000.bin.gz`),
    ],
  },
  {
    name: "frey",
    title: "Frey faces, grey 28x20, one film",
    layout: "faces",
    licence: unstated,
    files: files(`
      c943677a3bcb83ed2de1207d4355c360cabfee597a538f9735ec3254886c365f 996676 faces/frey-1965x28x20.idx3.gz`),
  },
  {
    name: "olivetti",
    title: "Olivetti faces, grey 64x64, 40 people",
    layout: "faces",
    licence: unstated,
    files: files(`
      139db5ade073e030ff543fe74df478b29cff6e9da9a50bf1e0c9a29f0d2f114d 1412530 faces/olivetti-400x64x64.idx3.gz`),
  },
  {
    name: "omniglot-small",
    title: "Omniglot, the two small background sets, 28x28",
    layout: "omniglot",
    licence: "MIT",
    files: files(`
      5c7c9b72e066a9d058e772f7237ca1c6d44146abd0183e78cf124846da028262 320040 omniglot-small/small1-28x28.idx3.gz
      7c0015e652d511268e0c4af6b72369c84a446e55c18a5d47b3d92055c9abd18e 106821 omniglot-small/small1-index.csv
      fa85a2df56809349031b80ac42ee870fd0032ee2983d2d15f8e34eedabcae335 391088 omniglot-small/small2-28x28.idx3.gz
      946590cde89afe1d2109ef11e9a21aead1103f46097470f9299d9b95870f56c3 132441 omniglot-small/small2-index.csv
      8883e9547cd9813eee19a96db7a9a31bb656f2f59e4a4166dcad907e4035b520 411612 ?omniglot-small/small1-105x105.idx3.gz
      b05aeffb0e277eb5e6248c33a435d8bdcc7c567f8c08bb5788557b945d8a486d 491703 ?omniglot-small/small2-105x105.idx3.gz`),
  },
  {
    name: "optdigits",
    title: "Optical digits, 8x8 with 17 grey levels (UCI)",
    layout: "optdigits",
    licence: "terms of the UCI repository",
    files: files(
      `
      e1b683cc211604fe8fd8c4417e6a69f31380e0c61d4af22e93cc21e9257ffedd 563639 uci/optdigits.tra
      6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8 264712 uci/optdigits.tes`,
      at(`${uci}/optdigits`),
    ),
  },
  densitySet(
    "nltcs",
    "Binary density estimation: 16 variables, disability survey",
    `
      e547a7aedad1dd2f7177030881ab1b92c7e24ae5464c71a0f1f89daecaf52b30 517792 density-binary/nltcs.train.csv.gz
      93bbbf5c6febdc9bc6e5b5bfab636f4dc0685ab2896d24b23dd267794c3bfcf6 69024 density-binary/nltcs.valid.csv.gz
      f9ffa6b74b27dc03bee3203d157ee31079e80b13be40d0c0093d635c25aed523 103552 density-binary/nltcs.test.csv.gz`,
  ),
  densitySet(
    "plants",
    "Binary density estimation: 69 variables, plants by region",
    `
      1fb1219ff94068d12a563f9e81f8889a1885f41e867884cff608669300c6848f 2402856 density-binary/plants.train.csv.gz
      47834ed318b2d74f48e4b083226ef47fd446d41986012ceae19d230574821b34 320298 density-binary/plants.valid.csv.gz
      95f53c033cd1d86467aec2610dc5bfe014534206c2da4919f73bcab246ab8755 480516 density-binary/plants.test.csv.gz`,
  ),
  densitySet(
    "baudio",
    "Binary density estimation: 100 variables, music listening",
    `
      b1ec73f4aa9d4ce48b465ded865cc3d22b3f68cf6258f9e15fbef8902138add1 3000000 density-binary/baudio.train.csv.gz
      7164d8a4943f74953f0e982002d84693fdf483e17f69e7407dc939c5ce5622fe 400000 density-binary/baudio.valid.csv.gz
      1474f3206f1f35e099803a0f40b0cd209bdc8d787825095ef6cb23fd87ed0d05 600000 density-binary/baudio.test.csv.gz`,
  ),
  densitySet(
    "jester",
    "Binary density estimation: 100 variables, joke ratings",
    `
      dd93578c3359d5b234bb278bf0901c5215d83b910f7d51d7c91951a0a4c244cd 1800000 density-binary/jester.train.csv.gz
      91df833941e189265345898d3f63211560c2456df599f34beee8e95381ee7524 200000 density-binary/jester.valid.csv.gz
      346044fb561cf18f284f7e9d5896178b03048991b6ebb6f7482885fccbc16082 823200 density-binary/jester.test.csv.gz`,
  ),
  densitySet(
    "mushrooms",
    "Binary density estimation: 112 variables, mushroom features",
    `
      465c712c066bbbee3ccceded24bbe42b4c379df67b524e28cce9bf3a8b83f27b 448000 density-binary/mushrooms.train.csv.gz
      5a067e6854df71623415e6adc8e913cbff766637a324788882ba800907aa5385 112000 density-binary/mushrooms.valid.csv.gz
      313c5f04b5d0a18bee2f2ffa264be265d09f5362aad6f714637acd9552f81aa0 1259776 density-binary/mushrooms.test.csv.gz`,
  ),
  densitySet(
    "dna",
    "Binary density estimation: 180 variables, splice junctions",
    `
      bb8de0ca4b6ad9b610036b7a302962ebecd4b504354b14c02c7d0bee48d207d9 576000 density-binary/dna.train.csv.gz
      4b0fc89cda5eaf5c75926e281afb6af99de194a546070d5b81b524ba251f4f3f 144000 density-binary/dna.valid.csv.gz
      fec3ae7b26804020a9c43c99828441c5e08bb76b23719368a74ad2b09af99100 426960 density-binary/dna.test.csv.gz`,
  ),
  table(
    "iris",
    "Iris flowers, 4 measures, 3 species (UCI)",
    `f5d0c11e5c78a69a20dbb80baf2b24703f59a6687595752abb397d23732647c5 4549 uci/iris.csv`,
    `${brownlee}/iris.csv`,
    `${uci}/iris/iris.data`,
  ),
  table(
    "wine",
    "Wine cultivars, 13 measures (UCI)",
    `e9c16b779f9194945067f65118da6afb317ef60c6515879c50124dc4f6cdd756 10782 uci/wine.csv`,
    `${brownlee}/wine.csv`,
  ),
  table(
    "wdbc",
    "Breast cancer Wisconsin (diagnostic), 30 measures (UCI)",
    `d606af411f3e5be8a317a5a8b652b425aaf0ff38ca683d5327ffff94c3695f4a 124103 uci/wdbc.data`,
    `${uci}/breast-cancer-wisconsin/wdbc.data`,
  ),
  table(
    "spambase",
    "Spambase, 57 measures of e-mails (UCI)",
    `6a9d51b4f1a6eea709779499090c38b877e177b71369797a2e939308e737cbbd 698340 uci/spambase.data`,
    `${uci}/spambase/spambase.data`,
  ),
  table(
    "pima",
    "Pima diabetes, 8 measures (UCI)",
    `6bfe5d0f379d17a0e0819b996407e3c09bf80febd4287f2ed212190dfff154af 23278 uci/pima-indians-diabetes.csv`,
    `${brownlee}/pima-indians-diabetes.csv`,
  ),
  table(
    "ionosphere",
    "Ionosphere radar returns, 34 measures (UCI)",
    `fd6dd7864b55d56dac0a1e6e24af9ccc35bf2555ac79af8ab9f3d1daa065ab83 76466 uci/ionosphere.csv`,
    `${brownlee}/ionosphere.csv`,
    `${uci}/ionosphere/ionosphere.data`,
  ),
  table(
    "winequality-red",
    "Red wine quality, 11 measures (UCI)",
    `c9614512e980f1cbd221c796daa97f00c4898c3cd1716863abac60f6cd1a522e 84028 uci/winequality-red.csv`,
    `${brownlee}/winequality-red.csv`,
  ),
  table(
    "winequality-white",
    "White wine quality, 11 measures (UCI)",
    `659d419fff887f225bf977d20520bb64a64cae203e460087f809721d4430ba27 264255 uci/winequality-white.csv`,
    `${brownlee}/winequality-white.csv`,
  ),
  table(
    "parkinsons",
    "Parkinson telemonitoring, 20 measures (UCI)",
    `f2c7d5025dec4e92e7feae367a5f7ccf58789a10ac6b54bdf15976c599f9dd39 911261 uci/parkinsons_updrs.data`,
    `${uci}/parkinsons/telemonitoring/parkinsons_updrs.data`,
  ),
  text(
    "tiny-shakespeare",
    "Plays of Shakespeare, a megabyte of text",
    "public domain",
    `86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed 1115394 text/tinyshakespeare.txt`,
    `${karpathy}/char-rnn/master/data/tinyshakespeare/input.txt`,
  ),
  text(
    "names",
    "32,033 given names, one a line",
    "MIT",
    `0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d 228145 text/names.txt`,
    `${karpathy}/makemore/master/names.txt`,
  ),
];
