/**
 * A part of an archive: tiles from `id` on, `run` of them alike; or, with a run of 0, the directory that goes on from
 * there.
 *
 * @typedef {{id: number, run: number, offset: number, length: number}} Entry
 */

/** The header and the first directory end before this byte. */
const FIRST_BYTES = 16_384;
const NONE = 1;
const GZIP = 2;
/** Types of tiles: what follows vector tiles are pictures that browsers know, PNG, JPEG, WebP and AVIF. */
const MVT = 1;
const LAST_PICTURE = 5;

/**
 * Reads single tiles out of a file full of them, which any web server can serve that understands Range: a PMTiles
 * archive, as its specification of version 3 has it.
 */
export class PmTiles {
  #url;
  /** @type {Map<number, Promise<Entry[]>>} directories by where they are */
  #directories = new Map();
  #header;

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
    this.#header = this.#read(0, FIRST_BYTES).then((bytes) => header(bytes));
  }

  /** The last zoom there are tiles for, and whether these are pictures or else vector tiles. */
  async contents() {
    const { lastZoom, pictures } = await this.#header;
    return { lastZoom, pictures };
  }

  /**
   * @param {number} z
   * @param {number} x
   * @param {number} y
   * @returns {Promise<ArrayBuffer>} empty where there is no such tile
   */
  async tile(z, x, y) {
    const { root, leaves, data, packing, tilePacking } = await this.#header;
    const id = tileId(z, x, y);
    let [offset, length] = root;
    // Directories are at most four levels deep.
    for (let depth = 0; depth < 4; depth++) {
      const entry = find(await this.#directory(offset, length, packing), id);
      if (entry && entry.run === 0) {
        [offset, length] = [leaves + entry.offset, entry.length];
      } else if (entry && id < entry.id + entry.run) {
        return unpack(await this.#read(data + entry.offset, entry.length), tilePacking);
      } else {
        return new ArrayBuffer(0);
      }
    }
    throw new Error('The map file leads in circles');
  }

  /**
   * @param {number} offset
   * @param {number} length
   * @param {number} packing
   */
  #directory(offset, length, packing) {
    let directory = this.#directories.get(offset);
    if (!directory) {
      directory = this.#read(offset, length)
        .then((bytes) => unpack(bytes, packing))
        .then(entries);
      // What failed is asked for again next time.
      directory.catch(() => this.#directories.delete(offset));
      this.#directories.set(offset, directory);
    }
    return directory;
  }

  /**
   * @param {number} offset
   * @param {number} length
   */
  async #read(offset, length) {
    const answer = await fetch(this.#url, { headers: { Range: `bytes=${offset}-${offset + length - 1}` } });
    if (answer.status !== 206) {
      throw new Error(`The map file cannot be read in parts: the server answers ${answer.status}`);
    }
    return answer.arrayBuffer();
  }
}

/** @param {ArrayBuffer} bytes */
function header(bytes) {
  const view = new DataView(bytes);
  const number = (/** @type {number} */ at) => Number(view.getBigUint64(at, true));
  if (new TextDecoder().decode(bytes.slice(0, 7)) !== 'PMTiles' || view.getUint8(7) !== 3) {
    throw new Error('The map file is no PMTiles archive of version 3');
  }
  const type = view.getUint8(99);
  if (type < MVT || type > LAST_PICTURE) {
    throw new Error('The map file has neither vector tiles nor pictures');
  }
  return {
    root: [number(8), number(16)],
    leaves: number(40),
    data: number(56),
    packing: view.getUint8(97),
    tilePacking: view.getUint8(98),
    lastZoom: view.getUint8(101),
    pictures: type !== MVT,
  };
}

/**
 * @param {ArrayBuffer} bytes
 * @param {number} packing
 */
async function unpack(bytes, packing) {
  if (packing === NONE) {
    return bytes;
  }
  if (packing !== GZIP) {
    throw new Error('The map file is packed with something else than gzip');
  }
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
}

/**
 * @param {ArrayBuffer} directory unpacked
 * @returns {Entry[]} by id
 */
function entries(directory) {
  const bytes = new Uint8Array(directory);
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * factor;
      if (!(byte >= 128)) {
        return value;
      }
    }
  };
  const all = Array.from({ length: varint() }, () => ({ id: 0, run: 0, offset: 0, length: 0 }));
  let id = 0;
  all.forEach((entry) => (entry.id = id += varint()));
  all.forEach((entry) => (entry.run = varint()));
  all.forEach((entry) => (entry.length = varint()));
  all.forEach((entry, i) => {
    const offset = varint();
    entry.offset = offset === 0 ? all[i - 1].offset + all[i - 1].length : offset - 1;
  });
  return all;
}

/**
 * @param {Entry[]} directory
 * @param {number} id
 * @returns {Entry | undefined} the last one that does not begin after it
 */
function find(directory, id) {
  let [low, high] = [0, directory.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (directory[middle].id <= id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return directory[low - 1];
}

/**
 * The place of a tile among all: zoom by zoom, and within each along a Hilbert curve.
 *
 * @param {number} z
 * @param {number} x
 * @param {number} y
 */
export function tileId(z, x, y) {
  let id = (4 ** z - 1) / 3;
  for (let half = 2 ** z / 2; half >= 1; half /= 2) {
    const right = x & half ? 1 : 0;
    const below = y & half ? 1 : 0;
    id += half * half * ((3 * right) ^ below);
    if (!below) {
      [x, y] = right ? [half - 1 - y, half - 1 - x] : [y, x];
    }
  }
  return id;
}
