import { testProvider } from '@switchyard/testkit'
import { conformance, responses } from './conformance.fixture.ts'

testProvider('openai', conformance)
testProvider('openai (responses)', responses)
