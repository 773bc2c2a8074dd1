"""The process that reads documents: `python -m watchfloor.sources.feeds.apart`, started by `reader.py`.

It reads questions from standard input until that ends. Time and memory are limited by the kernel, so that it also ends
when nobody is left who would end it.
"""

from __future__ import annotations

import resource
import signal
import sys
import warnings
from functools import partial
from typing import BinaryIO
from xml.sax import expatreader

import msgspec

from watchfloor.sources.feeds.document import Answer, Document, Neither, read_document

MOST_MEMORY = 1 << 30
MOST_SECONDS = 20  # a document; whoever asked gives up earlier
LARGEST_QUESTION = 64 << 20


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    warnings.simplefilter("ignore")
    # expat reads a long token again from its start with each piece that it is fed: feed it in one.
    expatreader.create_parser = partial(expatreader.ExpatParser, bufsize=LARGEST_QUESTION)
    answer_questions(sys.stdin.buffer, sys.stdout.buffer)


def answer_questions(questions: BinaryIO, answers: BinaryIO) -> None:
    decode = msgspec.msgpack.Decoder(Answer).decode
    while len(size := questions.read(4)) == 4 and int.from_bytes(size) <= LARGEST_QUESTION:
        signal.alarm(MOST_SECONDS)
        told = msgspec.msgpack.encode(_read(decode(questions.read(int.from_bytes(size)))))
        signal.alarm(0)
        answers.write(len(told).to_bytes(4) + told)
        answers.flush()


def _read(answer: Answer) -> Document:
    try:
        return read_document(answer)
    except MemoryError:
        return Neither("It needs more memory than a feed may take.")
    except RecursionError:
        return Neither("It is nested too deeply.")
    except Exception as error:  # feedparser has many ways to fail; none may end more than this document
        return Neither(f"It could not be read: {type(error).__name__}: {str(error)[:150]}")


if __name__ == "__main__":
    main()
