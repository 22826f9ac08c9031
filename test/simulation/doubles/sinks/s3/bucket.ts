import { S3ServiceException } from '@aws-sdk/client-s3';

/** An object, or one that is on its way. */
interface Content {
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An object; `uploadId` is absent where somebody else wrote it. */
export interface StoredObject extends Content {
  readonly body: Buffer;
  readonly uploadId: string | undefined;
}

export interface OpenUpload extends Content {
  readonly id: string;
  readonly parts: Map<number, Buffer>;
}

/** What a completion asks for. */
export interface Completion {
  readonly uploadId: string;
  readonly etags: readonly string[];
  readonly onlyIfNew: boolean;
}

/** What servers differ in. */
export interface S3Dialect {
  /** How a completion is answered that was done before. */
  readonly repeated: readonly ('as-before' | 'no-such-upload' | 'exists-412' | 'exists-304')[];
  /** Uploads in one page of a list. */
  readonly page: number;
  /** Whether they know `If-None-Match` at a completion. */
  readonly isConditional: boolean;
}

/** A bucket in memory. Whatever it is asked takes effect at once. */
export class Bucket {
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, OpenUpload>();
  /** Uploads whose completion it remembers. */
  readonly completed = new Set<string>();
  #uploads = 0;

  create(key: string, metadata: Readonly<Record<string, string>>): string {
    this.#uploads += 1;
    const id = `upload-${this.#uploads}`;
    this.uploads.set(id, { id, key, metadata, parts: new Map() });
    return id;
  }

  /** @returns the part's ETag */
  put(uploadId: string, number: number, body: Uint8Array): string {
    this.#open(uploadId).parts.set(number, Buffer.from(body));
    return `"${uploadId}-${number}"`;
  }

  abort(uploadId: string): void {
    this.#open(uploadId);
    this.uploads.delete(uploadId);
  }

  /** Joins the parts; what stands at the key is replaced unless the request forbids it. */
  complete({ uploadId, etags, onlyIfNew }: Completion): void {
    const { key, metadata, parts } = this.#open(uploadId);
    if (onlyIfNew && this.objects.has(key)) throw s3Error('PreconditionFailed', 412);
    const bodies = etags.map((etag, i) => {
      const body = parts.get(i + 1);
      if (body === undefined || etag !== `"${uploadId}-${i + 1}"`)
        throw s3Error('InvalidPart', 400);
      return body;
    });
    this.uploads.delete(uploadId);
    this.completed.add(uploadId);
    this.objects.set(key, { key, metadata, uploadId, body: Buffer.concat(bodies) });
  }

  head(key: string): StoredObject {
    const object = this.objects.get(key);
    if (object === undefined) throw s3Error('NotFound', 404);
    return object;
  }

  /** Uploads under a prefix behind a marker, in the order in which they began, a page of them. */
  list(prefix: string, after: string | undefined, page: number) {
    const all = [...this.uploads.values()].filter(({ key }) => key.startsWith(prefix));
    const behind = after === undefined ? all : all.filter(({ id }) => placeOf(id) > placeOf(after));
    return { uploads: behind.slice(0, page), isTruncated: behind.length > page };
  }

  #open(uploadId: string): OpenUpload {
    const upload = this.uploads.get(uploadId);
    if (upload === undefined) throw s3Error('NoSuchUpload', 404);
    return upload;
  }
}

function placeOf(uploadId: string): number {
  return Number(uploadId.slice('upload-'.length));
}

/** An error as S3's client raises it for an answer of that status. */
export function s3Error(name: string, status: number): S3ServiceException {
  return new S3ServiceException({
    name,
    message: name,
    $fault: status < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode: status },
  });
}
