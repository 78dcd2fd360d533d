"""PyPI's openai: openai_client.py URL ROOT KEY"""

import sys

import openai

from names import trust

url, root, key = sys.argv[1:]
context = trust(root)


def client(key):
    http = openai.DefaultHttpxClient(verify=context, trust_env=False)
    return openai.OpenAI(base_url=f"{url}/v1", api_key=key, http_client=http, max_retries=0)


try:
    client("wrong").models.list()
except openai.AuthenticationError as error:
    print("refused with", error.status_code)

print("models:", *(model.id for model in client(key).models.list()))
stream = client(key).chat.completions.create(
    model="tiny", messages=[{"role": "user", "content": "hi"}], stream=True
)
for part in stream:
    print("token:", part.choices[0].delta.content)
print("done")
