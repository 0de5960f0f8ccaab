import type { MediaSource } from '@switchyard/core/contract'

type Bytes = Extract<MediaSource, { readonly type: 'base64' }>

/** An image of one pixel. */
export const pixel: Bytes = {
  type: 'base64',
  mediaType: 'image/png',
  data: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
}

/** A document of one empty page. */
export const pdf: Bytes = {
  type: 'base64',
  mediaType: 'application/pdf',
  data: Buffer.from(
    '%PDF-1.1\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj ' +
      '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj trailer<</Root 1 0 R>>\n%%EOF',
  ).toString('base64'),
}

/** A sound of no samples. */
export const silence: Bytes = {
  type: 'base64',
  mediaType: 'audio/wav',
  data: Buffer.from(
    'RIFF$\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0@\x1f\0\0@\x1f\0\0\x01\0\x08\0data\0\0\0\0',
    'latin1',
  ).toString('base64'),
}
