import { decodeBody } from '@switchyard/dialects/building-blocks'
import type { WireProtocol } from '@switchyard/transport'
import { decodeError } from './decode-error.ts'
import { decodeModels } from './decode-models.ts'
import { decodeResponse } from './decode-response.ts'
import { dialect } from './dialect-name.ts'
import { encodeRequest } from './encode-request.ts'
import { streamDecoder } from './stream-decoder.ts'

/** The dialect with the paths it is spoken at. */
export const protocol: WireProtocol = {
  dialect,
  streamTypes: ['text/event-stream'],
  encodeRequest: (request, options) => ({ path: '/answers', ...encodeRequest(request, options) }),
  readStream: (body, context) => decodeBody(body, streamDecoder(context)),
  readWhole: decodeResponse,
  readError: decodeError,
  models: { path: '/models', read: decodeModels },
}
