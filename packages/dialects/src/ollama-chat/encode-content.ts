import type { AudioPart, DocumentPart, ImagePart, ModelFacts, OpaquePart, TextPart } from '@switchyard/core/contract'
import { absentPart } from '../conversation/error-in-words.ts'
import type { Dropped } from '../dropped.ts'
import { encodeImageData } from './image-data.ts'

export type ContentPart = TextPart | ImagePart | AudioPart | DocumentPart | OpaquePart

export interface ContentEncoding {
  readonly facts: ModelFacts | undefined
  readonly dropped: Dropped
}

export interface EncodedContent {
  /** The wire has one string: a list of texts is joined line by line. */
  readonly content: string
  readonly images: readonly string[]
}

/** What the wire says of these parts; in place of one that it cannot show stands a text that says so. */
export function encodeContent(
  content: string | readonly ContentPart[],
  path: string,
  encoding: ContentEncoding,
): EncodedContent {
  if (typeof content === 'string') return { content, images: [] }
  const texts: string[] = []
  const images: string[] = []
  content.forEach((part, at) => {
    if (part.type === 'text') {
      texts.push(part.text)
      return
    }
    const place = `${path}[${at}]`
    const why = part.type === 'image' ? addImage(part, place, images, encoding) : whyNot(part)
    if (why === undefined) return
    encoding.dropped.add(place, why)
    texts.push(absentPart(part.type))
  })
  return { content: texts.join('\n'), images }
}

/** Why it cannot be sent, where it cannot. */
function addImage(
  part: ImagePart,
  place: string,
  images: string[],
  { facts, dropped }: ContentEncoding,
): string | undefined {
  if (facts?.capabilities?.images === false) return 'the model does not see images'
  const encoded = encodeImageData(part.source)
  if ('why' in encoded) return encoded.why
  images.push(encoded.data)
  if (part.detail !== undefined) dropped.add(`${place}.detail`, 'Ollama has no word for how closely to look')
  return undefined
}

function whyNot(part: AudioPart | DocumentPart | OpaquePart): string {
  return part.type === 'opaque' ? `only ${part.origin} knows this part` : `Ollama takes no ${part.type}`
}
