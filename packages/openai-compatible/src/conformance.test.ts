import { testProvider } from '@switchyard/testkit'
import { conformance, groq, xai } from './conformance.fixture.ts'

testProvider('openai-compatible', conformance)
testProvider('xai', xai)
testProvider('groq', groq)
