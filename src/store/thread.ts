/** The thread of a database file. Writes that came while the disk was busy share the next transaction. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { Question, ThreadAnswer } from './database.ts'
import type { Statement } from './statement.ts'
import { Engine } from './engine.ts'
import { Unpacker } from './packed.ts'

const port = parentPort
if (!port) throw new Error('this file is a thread of src/store/database.ts')

function answer(what: ThreadAnswer): void {
  port?.postMessage(what)
}

const unpacker = new Unpacker()
const engine = open(String(workerData))
if (engine) {
  port.on('message', (first: Question) => {
    const questions = [first]
    for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port)) {
      questions.push(more.message as Question)
    }
    serve(engine, questions)
  })
}

/** Opens the database, and says whether that worked. */
function open(place: string): Engine | undefined {
  try {
    const opened = new Engine(place)
    answer({ type: 'opened' })
    return opened
  } catch (error) {
    answer({ type: 'opened', problem: error instanceof Error ? error.message : String(error) })
    return undefined
  }
}

/** Answers questions in their order: writes next to each other together, each question with an answer of its own. */
function serve(database: Engine, questions: readonly Question[]): void {
  for (let index = 0; index < questions.length;) {
    const question = questions[index]
    if (question?.type === 'write') {
      const rest = questions.slice(index)
      const end = rest.findIndex(({ type }) => type !== 'write')
      const writes = rest
        .slice(0, end < 0 ? rest.length : end)
        .flatMap((one) => (one.type === 'write' ? [unpacker.unpack(one.writes)] : []))
      writeTogether(database, writes)
      index += writes.length
      continue
    }
    if (question?.type === 'query') answer({ type: 'found', found: database.query(question.query) })
    else if (question?.type === 'backUp') {
      void database.backUp(question.file).then((done) => answer({ type: 'backedUp', done }))
    } else {
      database.close()
      answer({ type: 'closed' })
    }
    index++
  }
}

function writeTogether(database: Engine, questions: readonly (readonly (readonly Statement[])[])[]): void {
  const written = database.write(questions.flat())
  let from = 0
  for (const { length } of questions) {
    answer({ type: 'written', written: written.slice(from, from + length) })
    from += length
  }
}
