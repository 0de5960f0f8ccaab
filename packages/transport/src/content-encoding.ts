import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { type ErrorDetails, isSwitchyardError, SwitchyardError } from '@switchyard/core/contract'
import type { BodyReader } from './body-reader.ts'

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
}

/** A body as it was before a server compressed it, unasked; `about` is put on the errors. */
export function decodedBody(body: BodyReader, encoding: string, about?: ErrorDetails): BodyReader {
  const names = encoding
    .split(',')
    .map(name => name.trim().toLowerCase())
    .filter(name => name !== '' && name !== 'identity')
  return names.reverse().reduce((inner, name) => decodedOnce(inner, name, about), body)
}

function decodedOnce(body: BodyReader, name: string, about: ErrorDetails | undefined): BodyReader {
  const create = decoders[name]
  if (create === undefined) {
    body.cancel()
    throw new SwitchyardError('protocol', `The answer is compressed as "${name}", which was not asked for.`, about)
  }
  const decoder = create()
  feed(body, decoder).catch(error => decoder.destroy(error))
  const pieces = decoder[Symbol.asyncIterator]()
  return {
    async read() {
      try {
        return (await pieces.next()).value
      } catch (error) {
        body.cancel()
        if (isSwitchyardError(error)) throw error
        throw new SwitchyardError('protocol', `The answer is not the ${name} that its headers say.`, about)
      }
    },
    cancel(reason) {
      body.cancel(reason)
      decoder.destroy()
    },
    release() {
      decoder.destroy()
      if (body.release === undefined) body.cancel()
      else body.release()
    },
  }
}

async function feed(body: BodyReader, decoder: Transform): Promise<void> {
  for (;;) {
    const bytes = await body.read()
    if (decoder.destroyed) return
    if (bytes === undefined) return void decoder.end()
    if (!decoder.write(bytes)) await new Promise<void>(resolve => decoder.once('drain', resolve).once('close', resolve))
  }
}
