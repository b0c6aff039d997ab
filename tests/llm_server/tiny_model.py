"""A model of 0.2 million random parameters with the tokenizer of bytes: loads at once, and speaks no language.

It is a whole model folder, chat template and all, so that everything around a model can be tested on it.
"""

from pathlib import Path

CONTEXT_LENGTH = 2048

_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def make_tiny_model(folder: Path, seed: int = 7, extra_tokens: int = 0) -> Path:
    """Writes the folder; of one seed always the same weights. Extra tokens stand before all others."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = [f"extra{number}" for number in range(extra_tokens)] + alphabet
    tokenizer = Tokenizer(models.BPE(vocab={word: number for number, word in enumerate(words)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|im_end|>")
    fast.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    fast.chat_template = _TEMPLATE
    fast.save_pretrained(folder)

    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(fast),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT_LENGTH,
        eos_token_id=fast.eos_token_id,
        bos_token_id=None,
        pad_token_id=fast.eos_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def make_tiny_adapter(folder: Path, seed: int, value: float | None = None) -> Path:
    """Writes a LoRA adapter over a tiny model that makes it say something else; all of one value if one is given."""
    import torch
    from peft import LoraConfig
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    LoraConfig(r=4, target_modules=["q_proj", "down_proj"], task_type="CAUSAL_LM").save_pretrained(folder)
    draw = torch.Generator().manual_seed(seed)
    weights = {}
    for layer in range(2):
        for module, width in (("self_attn.q_proj", 64), ("mlp.down_proj", 128)):
            for side, shape in (("A", (4, width)), ("B", (64, 4))):
                drawn = torch.randn(shape, generator=draw) if value is None else torch.full(shape, value)
                weights[f"base_model.model.model.layers.{layer}.{module}.lora_{side}.weight"] = drawn
    save_file(weights, folder / "adapter_model.safetensors")
    return folder
