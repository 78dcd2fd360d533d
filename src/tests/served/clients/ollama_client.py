"""PyPI's ollama: ollama_client.py URL ROOT AUTHORIZATION"""

import sys

import ollama

from names import trust

url, root, authorization = sys.argv[1:]
context = trust(root)

try:
    ollama.Client(host=url, verify=context, trust_env=False).list()
except ollama.ResponseError as error:
    print("refused with", error.status_code)

client = ollama.Client(
    host=url,
    verify=context,
    trust_env=False,
    headers={"Authorization": authorization},
)
print("models:", *(model.model for model in client.list().models))
for part in client.chat("tiny", messages=[{"role": "user", "content": "hi"}], stream=True):
    print("done" if part.done else f"token: {part.message.content}")
