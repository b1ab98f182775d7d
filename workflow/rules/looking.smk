rule show_images:
    input:
        shards=trained_image_shards(),
    output:
        page=report(
            f"{RUN}/images.html",
            caption="../report/images.rst",
            category="Jets",
            labels={"figure": "images, to step through"},
        ),
        figures=[
            report(
                f"{RUN}/{inputs}.png",
                caption="../report/mean_images.rst",
                category="Jets",
                labels={"figure": "mean images", "recipe": inputs},
            )
            for inputs in image_inputs()
        ],
    log:
        f"{RUN}/logs/show_images.log",
    benchmark:
        f"{RUN}/benchmarks/show_images.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="30m",
    params:
        seed=CONFIGURATION.seed,
        figures=subpath(output.page, strip_suffix=".html"),
        code=code_version("report.images_page"),
    shell:
        "jetline show images --output {output.page} --seed {params.seed}"
        " --figures {params.figures} {input.shards} > {log} 2>&1"
